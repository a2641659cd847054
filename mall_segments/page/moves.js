// What if: the smallest change of one figure that moves a customer to another segment.

/** A value back from the scale that distances are taken on. */
function restored(coordinate, transform) {
  return transform === "log" ? Math.sign(coordinate) * (Math.exp(Math.abs(coordinate)) - 1) : coordinate;
}

/** The roundest value beyond a border that passes a check, from three digits on; null where none does. */
function beyond(border, isUp, passes) {
  const magnitude = border === 0 ? 0 : Math.floor(Math.log10(Math.abs(border)));
  for (let digits = 3; digits <= 15; digits += 1) {
    const places = digits - 1 - magnitude;
    const count = border * 10 ** places;
    const value = Number(`${isUp ? Math.floor(count) + 1 : Math.ceil(count) - 1}e${-places}`);
    if (passes(value)) return value;
  }
  return null;
}

/** Where another segment begins on either side of a customer's number, all else as it is.
 *
 * With one scale for all segments the difference of two squared distances is a straight line over the coordinate of
 * one feature, so each other segment has one border, on the side on which its center lies, and the first one counts.
 */
function borders(values, name, own) {
  const rest = ({ centers }) =>
    centers.reduce((sum, row) => sum + (row.feature === name ? 0 : part(values[row.feature], row)), 0);
  const { transform, scale, low_fence, high_fence } = rowOf(own, name);
  const middle = (segment) => transformed(rowOf(segment, name).center, transform);
  const [low, high] = [low_fence ?? -Infinity, high_fence ?? Infinity].map((fence) => transformed(fence, transform));
  const crossings = model.segments
    .filter((segment) => middle(segment) !== middle(own))
    .map((segment) => {
      const [here, there] = [middle(own), middle(segment)];
      const difference = (rest(segment) - rest(own)) * scale ** 2 + there ** 2 - here ** 2;
      return { at: difference / (2 * (there - here)), isUp: there > here };
    });
  const upwards = Math.min(...crossings.filter(({ isUp }) => isUp).map(({ at }) => at));
  const downwards = Math.max(...crossings.filter(({ isUp }) => !isUp).map(({ at }) => at));
  // Beyond its fence a number counts as the fence.
  return [[upwards, true], [downwards, false]]
    .filter(([at]) => at > low && at < high)
    .map(([at, isUp]) => ({ border: restored(at, transform), isUp }));
}

/** For each figure that is known, its smallest change that leads to another segment; the smallest of all first.
 *
 * Changes of numbers are compared in standard deviations; other values of a category come after them.
 */
function smallestMoves(values) {
  const own = classify(values).nearest.segment;
  const segmentAt = (name, value) => classify({ ...values, [name]: value }).nearest.segment;
  const moves = model.features.flatMap((feature) => {
    const { name, levels } = feature;
    const from = values[name];
    if (from === null) return [];
    if (levels) {
      return levels
        .filter((level) => level !== from && segmentAt(name, level) !== own)
        .map((level) => ({ feature, to: level, segment: segmentAt(name, level), size: Infinity }));
    }
    const { transform, scale } = rowOf(own, name);
    const size = (to) => Math.abs(transformed(to, transform) - transformed(from, transform)) / scale;
    const found = borders(values, name, own).flatMap(({ border, isUp }) => {
      const passes = (to) => known(typed(to), feature) !== null && segmentAt(name, to) !== own;
      const to = beyond(border, isUp, passes);
      return to === null ? [] : [{ feature, to, border, segment: segmentAt(name, to), size: size(border) }];
    });
    return found.sort((one, other) => one.size - other.size).slice(0, 1);
  });
  return moves.sort((one, other) => one.size - other.size);
}
