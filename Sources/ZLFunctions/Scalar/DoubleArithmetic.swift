import CKernels
import ZLColumnar

/// + - * of DOUBLEs, many rows at a time.
enum DoubleArithmetic {
    /// Nil for other operations. NULLs of the arguments are the caller's to carry over.
    static func evaluate(_ operation: Arithmetic.Operation, _ a: ColumnVector, _ b: ColumnVector, _ count: Int) -> ColumnVector? {
        let left = a.form == .constant ? a : a.flattened()
        let right = b.form == .constant ? b : b.flattened()
        let (x, y) = (left.values(Double.self), right.values(Double.self))
        let (xStep, yStep) = (left.form == .constant ? 0 : 1, right.form == .constant ? 0 : 1)
        let buffer = Buffer(byteCount: max(16, count * 8))
        switch operation {
        case .add: zl_add_doubles(x, xStep, y, yStep, buffer.values(Double.self), count)
        case .subtract: zl_subtract_doubles(x, xStep, y, yStep, buffer.values(Double.self), count)
        case .multiply: zl_multiply_doubles(x, xStep, y, yStep, buffer.values(Double.self), count)
        case .integerDivide, .remainder: return nil
        }
        return withExtendedLifetime((left, right)) { ColumnVector(type: .double, count: count, buffer: buffer) }
    }

    /// The DOUBLEs nearest to the values of a flat vector of 64-bit integers.
    static func nearest(_ integers: ColumnVector) -> ColumnVector {
        let buffer = Buffer(byteCount: max(16, integers.count * 8))
        zl_doubles_from_int64s(integers.values(Int64.self), integers.count, buffer.values(Double.self))
        return withExtendedLifetime(integers) {
            ColumnVector(type: .double, count: integers.count, buffer: buffer, validity: integers.validity)
        }
    }
}
