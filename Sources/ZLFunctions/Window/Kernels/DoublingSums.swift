import CKernels
import ZLColumnar

/// Sums over windows of one span, for up to a number of rows at a time, and the memory that they are computed in.
///
/// - Complexity: O(log width) additions a row, all of them over contiguous memory.
struct DoublingSums {
    private let span: WindowSpan
    private let scratch: Buffer

    init(_ span: WindowSpan, greatestCount: Int) {
        self.span = span
        scratch = Buffer(byteCount: max(16, zl_window_sums_scratch(span.width, max(greatestCount, 1)) * 8))
    }

    /// `out[t]` becomes the sum of `source[t] ... source[t + width - 1]`.
    ///
    /// - Parameter source: `width - 1 + count` values.
    func run(_ source: UnsafePointer<Double>, _ count: Int, into out: UnsafeMutablePointer<Double>) {
        span.pieces.withUnsafeBufferPointer { pieces in
            zl_window_sums(source, pieces.baseAddress, pieces.count, span.width, count, scratch.values(Double.self), out)
        }
    }
}
