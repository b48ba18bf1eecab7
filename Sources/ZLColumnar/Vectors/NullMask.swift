/// Which rows of a flat or dictionary vector are NULL, for inner loops: no reference is counted on the way to a bit.
///
/// Valid as long as the vector.
@frozen
package struct NullMask {
    @usableFromInline let words: UnsafePointer<UInt64>?

    @inlinable
    package init(_ vector: ColumnVector) { words = vector.validity.map { UnsafePointer($0.words) } }

    @inlinable
    package init(_ validity: ValidityBitmap) { words = UnsafePointer(validity.words) }

    @inlinable @inline(__always)
    package var mayHaveNulls: Bool { words != nil }

    @inlinable @inline(__always)
    package func isNull(_ row: Int) -> Bool {
        guard let words else { return false }
        return (words[row >> 6] >> UInt64(truncatingIfNeeded: row & 63)) & 1 == 0
    }
}
