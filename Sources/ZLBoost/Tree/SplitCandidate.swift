/// The best split of a leaf: where it is, what it gains, and what its children will be.
struct SplitCandidate {
    /// Gain over `min_gain_to_split`; -inf if there is no split.
    var gain = -Double.infinity
    /// Column of the binned data; -1 if there is no split.
    var column = -1
    /// Rows in bins up to this one go left.
    var threshold = 0
    /// Where missing values go.
    var defaultLeft = true
    var left = LeafSums(gradient: 0, hessian: 0, count: 0)
    var right = LeafSums(gradient: 0, hessian: 0, count: 0)
    var leftOutput = 0.0
    var rightOutput = 0.0

    /// Whether this one is to be preferred: the larger gain, then the smaller column.
    func isBetter(than other: SplitCandidate) -> Bool {
        if gain != other.gain { return gain > other.gain }
        return column >= 0 && (other.column < 0 || column < other.column)
    }
}
