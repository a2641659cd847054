"""Short rules that say who is in a segment: a small decision tree over the features as people read them."""

import numpy as np
import pandas as pd

# The share of customers that the rules must get right; the fewest rules that do are taken.
GOAL = 0.97
# A round threshold may cost this share of customers, as long as the goal is kept.
ROUNDING_COST = 0.005
LEAVES_PER_SEGMENT = 2

COLUMNS = {
    "segmentation": "str",
    "model_version": "int32",
    "segment_id": "int32",
    "rule_number": "int32",
    "rule_sql": "str",
    "rule_words": "str",
    "precision": "float64",
    "coverage": "float64",
    "agreement": "float64",
}


def text_literal(value: str) -> str:
    """A text as a SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def number_literal(value: float) -> str:
    """A number as people write it, without exponent or superfluous zeros: 40, 12.5, 0.001."""
    return np.format_float_positional(value, trim="-")


def encoded(sample: pd.DataFrame, features: list[str]) -> tuple[np.ndarray, list[tuple[str, object]]]:
    """Numbers as they are, and a column of 0 and 1 for each value of a text, a missing one included.

    Returns
    -------
    values : array of shape (n_samples, n_columns)
    columns : list of (feature, value)
        `value` is `...` for a number, and the text, or None where it is missing, for a text.
    """
    values, columns = [], []
    for feature in features:
        own = sample[feature]
        if pd.api.types.is_numeric_dtype(own):
            values.append(own.to_numpy(dtype=float))
            columns.append((feature, ...))
            continue
        is_missing = own.isna().to_numpy()
        for text in [*sorted(own[~is_missing].unique()), *([None] if is_missing.any() else [])]:
            values.append((is_missing if text is None else (own == text).to_numpy(dtype=bool)).astype(float))
            columns.append((feature, text))
    return np.column_stack(values), columns


class Tree:
    """A fitted decision tree whose thresholds can be moved: `column < threshold` goes left.

    Parameters
    ----------
    fitted : DecisionTreeClassifier
    """

    def __init__(self, fitted):
        tree = fitted.tree_
        self.left, self.right = tree.children_left, tree.children_right
        self.column, self.threshold = tree.feature, tree.threshold.copy()
        self.winner = fitted.classes_[tree.value[:, 0, :].argmax(axis=1)]
        self.splits = [
            node for node in range(tree.node_count) if self.left[node] >= 0 and len(self.classes_under(node)) > 1
        ]

    def classes_under(self, node: int) -> set:
        """Return what the leaves under a node predict."""
        if self.left[node] < 0:
            return {self.winner[node]}
        return self.classes_under(self.left[node]) | self.classes_under(self.right[node])

    def leaves(self, values: np.ndarray) -> list[tuple[list[tuple[int, bool, float]], object, np.ndarray]]:
        """Follow all rows down.

        Returns
        -------
        list of (path, class, rows), one per leaf
            `path` holds (column, is_left, threshold); splits that make no difference are left out.
        """
        found, waiting = [], [(0, [], np.ones(len(values), dtype=bool))]
        while waiting:
            node, path, rows = waiting.pop()
            if node not in self.splits:
                found.append((path, next(iter(self.classes_under(node))), rows))
                continue
            column, threshold = self.column[node], self.threshold[node]
            below = values[:, column] < threshold
            waiting.append((self.right[node], [*path, (column, False, threshold)], rows & ~below))
            waiting.append((self.left[node], [*path, (column, True, threshold)], rows & below))
        return found

    def agreement(self, values: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> float:
        """Share of the customers, by weight, whose segment the leaves name; 0 if one is empty."""
        leaves = self.leaves(values)
        if not all(rows.any() for _, _, rows in leaves):
            return 0.0
        return float(sum(weights[rows & (labels == label)].sum() for _, label, rows in leaves) / weights.sum())


def round_thresholds(tree: Tree, values: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> float:
    """Move each threshold to the roundest number that the agreement allows, and return the agreement."""
    exact = tree.agreement(values, labels, weights)
    floor = min(exact, max(GOAL, exact - ROUNDING_COST)) - 1e-12
    for node in tree.splits:
        own, threshold = values[:, tree.column[node]], tree.threshold[node]
        power = int(np.ceil(np.log10(np.ptp(own))))
        steps = [digit * 10.0**exponent for exponent in range(power, power - 12, -1) for digit in (5, 2, 1)]
        multiples = ((step, whole(threshold / step)) for step in steps for whole in (np.floor, np.ceil))
        for step, multiple in multiples:
            # Rounded a second time, because 3 * 0.1 is not 0.3.
            tree.threshold[node] = round(multiple * step, 15 - power)
            if tree.agreement(values, labels, weights) >= floor:
                break
        else:
            tree.threshold[node] = threshold
    return tree.agreement(values, labels, weights)


def smallest_tree(values: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> Tree:
    """The tree with the fewest leaves that reaches the goal, else the one that agrees most.

    CART (Breiman, Friedman, Olshen, Stone, 1984), grown best leaf first, by Gini impurity and by entropy.
    """
    from sklearn.tree import DecisionTreeClassifier

    segments = len(np.unique(labels))
    best, best_agreement = None, -1.0
    for leaves in range(max(2, segments), max(2, LEAVES_PER_SEGMENT * segments) + 1):
        for criterion in ("gini", "entropy"):
            fitted = DecisionTreeClassifier(criterion=criterion, max_leaf_nodes=leaves, random_state=0)
            tree = Tree(fitted.fit(values, labels, sample_weight=weights))
            agreement = tree.agreement(values, labels, weights)
            if agreement > best_agreement + 1e-9:
                best, best_agreement = tree, agreement
        if best_agreement >= GOAL:
            break
    return best


def rule(
    path: list[tuple[int, bool, float]], columns: list[tuple[str, object]], labels: pd.Series, units: pd.Series
) -> tuple[str, str]:
    """Write the conditions of a path as SQL and in words, those of one feature together.

    >>> rule([(0, True, 40.0)], [("income", ...)], pd.Series({"income": "annual income"}), pd.Series({"income": "k$"}))
    ('income < 40', 'annual income under 40 k$')
    """
    sql, words = [], []
    for feature in dict.fromkeys(feature for feature, _ in columns):
        own = [(columns[column][1], is_left, at) for column, is_left, at in path if columns[column][0] == feature]
        if not own:
            continue
        label, unit = labels[feature], f" {units[feature]}" if units[feature] else ""
        if own[0][0] is ...:
            low = max((at for _, is_left, at in own if not is_left), default=None)
            high = min((at for _, is_left, at in own if is_left), default=None)
            sql += [] if low is None else [f"{feature} >= {number_literal(low)}"]
            sql += [] if high is None else [f"{feature} < {number_literal(high)}"]
            if low is None:
                words.append(f"{label} under {number_literal(high)}{unit}")
            elif high is None:
                words.append(f"{label} of at least {number_literal(low)}{unit}")
            else:
                words.append(f"{label} from {number_literal(low)} to under {number_literal(high)}{unit}")
            continue
        # A column of 0 and 1: left is 'not this value'. One that is named rules out the others.
        named = [text for text, is_left, _ in own if not is_left]
        if named:
            sql.append(f"{feature} is null" if named[0] is None else f"{feature} = {text_literal(named[0])}")
            words.append(f"{label} {'not stated' if named[0] is None else named[0]}")
            continue
        others = [text for text, _, _ in own]
        texts = sorted(text for text in others if text is not None)
        if None in others:
            sql.append(f"{feature} is not null")
        # A missing value is none of the texts.
        sql += [f"({feature} <> {text_literal(text)} or {feature} is null)" for text in texts]
        excluded = " or ".join([*texts, *(["not stated"] if None in others else [])])
        words.append(f"{label} other than {excluded}")
    return " and ".join(sql) or "1 = 1", " and ".join(words) or "all customers"


def segment_rules(sample: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    """Find short rules for the segments of one segmentation.

    Parameters
    ----------
    sample : DataFrame, one row per sampled customer
        Holds `segment_id`, `sample_weight` and one column per feature, number or text.
    features : DataFrame, one row per feature, in order
        Holds `feature`, `label` and `unit`.

    Returns
    -------
    DataFrame, one row per rule
        `segment_id`; `rule_number` from 1, the rule with most customers first; `rule_sql` and `rule_words`;
        `precision`, the share of customers under the rule that are in the segment; `coverage`, the share of the
        segment that is under the rule; `agreement`, the share of all customers that the rules place right. A segment
        that no rule names has one row without them. All shares count customers, from 0 to 1.
    """
    values, columns = encoded(sample, features["feature"].tolist())
    labels, weights = sample["segment_id"].to_numpy(), sample["sample_weight"].to_numpy()
    tree = smallest_tree(values, labels, weights)
    agreement = round_thresholds(tree, values, labels, weights)
    named = features.set_index("feature")
    rules = []
    for path, segment_id, rows in tree.leaves(values):
        sql, words = rule(path, columns, named["label"], named["unit"].fillna(""))
        right = weights[rows & (labels == segment_id)].sum()
        precision, coverage = right / weights[rows].sum(), right / weights[labels == segment_id].sum()
        rules.append((segment_id, sql, words, precision, coverage))
    rules += [(segment_id, None, None, np.nan, np.nan) for segment_id in set(labels) - {found[0] for found in rules}]
    table = pd.DataFrame(rules, columns=["segment_id", "rule_sql", "rule_words", "precision", "coverage"])
    table = table.sort_values(["segment_id", "coverage", "rule_sql"], ascending=[True, False, True])
    return table.assign(rule_number=table.groupby("segment_id").cumcount() + 1, agreement=agreement)


def model(dbt, session):
    """One row per segmentation, champion ever, segment and rule; a version's rules are found once."""
    known = dbt.source("state", "segment_rule_trees").df()[list(COLUMNS)]
    done = set(zip(known["segmentation"], known["model_version"], strict=True))
    sample = dbt.ref("labelled_sample").df().sort_values(["segmentation", "customer_id"])
    features = dbt.ref("segmentation_features").df().sort_values(["segmentation", "dimension"])
    features = features.drop_duplicates(["segmentation", "feature"])  # a category has a row per value

    parts = [known] + [
        segment_rules(rows, features[features["segmentation"] == segmentation]).assign(
            segmentation=segmentation, model_version=version
        )
        for (segmentation, version), rows in sample.groupby(["segmentation", "model_version"])
        if (segmentation, version) not in done
    ]
    table = pd.concat([part for part in parts if len(part)] or [known])
    return table.reindex(columns=list(COLUMNS)).astype(COLUMNS)
