/// Sums over windows by doubling: sums of 2k values from sums of k, then the powers of two that the width is made of.
///
/// No value outlives its window and nothing drifts: a sum is a function of the window's values and their distance from its end.
///
/// - Complexity: O(log width) additions a row, all of them over contiguous memory.
enum DoublingSums {
    /// `out[t]` becomes the sum of `source[t] ... source[t + width - 1]`.
    ///
    /// - Parameters:
    ///   - source: `width - 1 + count` values.
    ///   - a: scratch of as many values; `b` likewise.
    static func run(
        _ source: UnsafePointer<Double>, _ span: WindowSpan, _ count: Int, _ a: UnsafeMutablePointer<Double>,
        _ b: UnsafeMutablePointer<Double>, into out: UnsafeMutablePointer<Double>
    ) {
        let length = span.width - 1 + count
        var sums = source
        var power = 1
        var covered = 0
        for piece in span.pieces {
            while power < piece {
                let target = sums == UnsafePointer(a) ? b : a
                let first = 2 * power - 1
                add(sums + first, sums + (first - power), into: target + first, length - first)
                sums = UnsafePointer(target)
                power *= 2
            }
            let place = span.width - 1 - covered
            if covered == 0 {
                out.update(from: sums + place, count: count)
            } else {
                add(out, sums + place, into: out, count)
            }
            covered += piece
        }
    }

    @inline(__always)
    private static func add(
        _ left: UnsafePointer<Double>, _ right: UnsafePointer<Double>, into target: UnsafeMutablePointer<Double>, _ count: Int
    ) {
        for index in 0..<max(count, 0) { target[index] = left[index] + right[index] }
    }
}
