/// Gradient and hessian of a histogram entry, side by side in one vector.
typealias SumPair = SIMD2<Double>

/// Chains of additions over histogram entries. The order of additions is LightGBM's, so the bits are.
enum RunningSums {
    /// Adds `count` entries, `step` apart, to `start` and keeps each partial sum in `target`.
    static func add(
        _ entries: UnsafePointer<SumPair>, step: Int, count: Int, to start: SumPair, into target: UnsafeMutablePointer<SumPair>
    ) {
        var sum: SumPair = start
        var entry: UnsafePointer<SumPair> = entries
        for index in 0..<max(0, count) {
            sum += entry.pointee
            target[index] = sum
            entry += step
        }
    }

    /// `start` less all entries, one after the other.
    static func rest(_ entries: UnsafePointer<SumPair>, count: Int, of start: SumPair) -> SumPair {
        var rest: SumPair = start
        for index in 0..<count { rest -= entries[index] }
        return rest
    }
}
