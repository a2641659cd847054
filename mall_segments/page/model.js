// The model: from the values of a customer to the nearest segment, as the warehouse finds it.

const model = read("model");

/** A value on the scale that distances are taken on, as the warehouse's macro `transformed` has it. */
function transformed(value, transform) {
  return transform === "log" ? Math.sign(value) * Math.log(1 + Math.abs(value)) : value;
}

/** A number held to the fence of a feature. */
function held(value, { low_fence, high_fence }) {
  return Math.min(Math.max(value, low_fence ?? -Infinity), high_fence ?? Infinity);
}

/** A typed value, null where it is not known, as a row of the model or of an axis counts it. */
function counted(typed, row) {
  const { level, fill_value, transform } = row;
  let value = fill_value;
  if ((typed ?? null) !== null) value = level === "" ? typed : Number(typed === level);
  return transformed(level === "" ? held(value, row) : value, transform);
}

/** The row of the model for a number: a segment's center with all that turns a value into a coordinate. */
function rowOf(segment, name) {
  return segment.centers.find(({ feature }) => feature === name);
}

/** Squared difference of a typed value to a row of the model. */
function part(typed, row) {
  return ((counted(typed, row) - transformed(row.center, row.transform)) / row.scale) ** 2;
}

/** Distance of a customer, a value by feature, to a segment's center, in standard deviations. */
function distance(values, segment) {
  return Math.sqrt(segment.centers.reduce((sum, row) => sum + part(values[row.feature], row), 0));
}

/** Nearest segment, runner-up and margin; the lower number wins a tie. */
function classify(values) {
  const ranked = model.segments
    .map((segment) => ({ segment, distance: distance(values, segment) }))
    .sort((a, b) => a.distance - b.distance || a.segment.segment_id - b.segment.segment_id);
  const [nearest, runnerUp] = ranked;
  const margin = runnerUp && runnerUp.distance > 0 ? 1 - nearest.distance / runnerUp.distance : null;
  return { nearest, runnerUp, margin };
}
