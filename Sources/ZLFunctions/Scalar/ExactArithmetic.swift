import CKernels
import ZLColumnar

/// + - * of whole numbers and DECIMALs of 32 to 128 bits, many rows at a time, where no row overflows.
enum ExactArithmetic {
    private typealias Kernel = (UnsafeRawPointer?, Int, UnsafeRawPointer?, Int, UnsafeMutableRawPointer?, Int) -> Int32

    /// nil where there is no kernel, or some row, be it NULL, may not fit: rows have to be looked at one by one then. NULLs of the
    /// arguments are the caller's to carry over.
    static func evaluate(
        _ operation: Arithmetic.Operation, _ a: ColumnVector, _ b: ColumnVector, _ count: Int, _ type: DataType
    ) -> ColumnVector? {
        if operation == .multiply, a.physical == .int64, b.physical == .int128 { return evaluate(operation, b, a, count, type) }
        guard let kernel = kernel(operation, a.physical, b.physical, type.physical) else { return nil }
        let left = a.form == .constant ? a : a.flattened()
        let right = b.form == .constant ? b : b.flattened()
        let buffer = Buffer(byteCount: max(16, count * type.physical.stride))
        let overflowed = kernel(
            left.values(UInt8.self), left.form == .constant ? 0 : 1, right.values(UInt8.self), right.form == .constant ? 0 : 1,
            buffer.address, count)
        return withExtendedLifetime((left, right)) {
            overflowed == 0 ? ColumnVector(type: type, count: count, buffer: buffer) : nil
        }
    }

    private static func kernel(
        _ operation: Arithmetic.Operation, _ a: PhysicalType, _ b: PhysicalType, _ result: PhysicalType
    ) -> Kernel? {
        switch (operation, a, b, result) {
        case (.add, .int32, .int32, .int32): zl_add_int32
        case (.add, .int64, .int64, .int64): zl_add_int64
        case (.add, .int128, .int128, .int128): zl_add_int128
        case (.subtract, .int32, .int32, .int32): zl_subtract_int32
        case (.subtract, .int64, .int64, .int64): zl_subtract_int64
        case (.subtract, .int128, .int128, .int128): zl_subtract_int128
        case (.multiply, .int32, .int32, .int32): zl_multiply_int32
        case (.multiply, .int64, .int64, .int64): zl_multiply_int64
        case (.multiply, .int64, .int64, .int128): zl_multiply_int64_to_int128
        case (.multiply, .int128, .int64, .int128): zl_multiply_int128_by_int64
        case (.multiply, .int128, .int128, .int128): zl_multiply_int128
        default: nil
        }
    }
}
