import Glibc

/// The values of one column for a run of rows: typed contiguous memory, a validity bitmap, and a form.
///
/// A vector is written by its maker and never changes afterwards, so it may be shared between chunks and threads. In a
/// pipeline it holds at most `DataChunk.capacity` rows; a materialised column (window input, join build side) is one
/// flat vector of any length up to 2^32 - 2 rows.
///
/// | form | memory | validity |
/// |---|---|---|
/// | flat | `count` values | by row |
/// | constant | one value | absent, or one bit that is NULL |
/// | dictionary | `count` UInt32 codes into `dictionary` (a flat vector without NULLs) | by row; a NULL row has code 0 |
/// | sequence | two Int64: first value and step (32-bit and 64-bit integer layouts only) | absent |
///
/// The value under a NULL is readable memory but means nothing; under a NULL string it is the empty view.
package final class ColumnVector: @unchecked Sendable {  // proof: written by its maker before it is published, read only after
    package enum Form: UInt8, Sendable { case flat, constant, dictionary, sequence }

    package let type: DataType
    package let form: Form
    package let count: Int
    package let validity: ValidityBitmap?
    /// The distinct values of the dictionary form.
    package let dictionary: ColumnVector?
    /// What the long strings among the values point into.
    package let heaps: [StringHeap]
    /// First value; `owner` keeps it alive.
    @usableFromInline let data: UnsafeMutableRawPointer
    private let owner: Buffer

    package init(
        type: DataType, form: Form = .flat, count: Int, buffer: Buffer, byteOffset: Int = 0,
        validity: ValidityBitmap? = nil, dictionary: ColumnVector? = nil, heaps: [StringHeap] = []
    ) {
        self.type = type
        self.form = form
        self.count = count
        self.validity = validity
        self.dictionary = dictionary
        self.heaps = heaps
        owner = buffer
        data = buffer.address + byteOffset
    }

    package var physical: PhysicalType { type.physical }

    /// The memory under the values, for a vector that shares it.
    var storage: (buffer: Buffer, byteOffset: Int) { (owner, data - owner.address) }

    /// Whether some row may be NULL (a bitmap may turn out to be all valid).
    package var mayHaveNulls: Bool { validity != nil }

    /// Flat or constant (one value) memory as `T`, which must be the layout's element type.
    @inlinable @inline(__always)
    package func values<T>(_ type: T.Type) -> UnsafePointer<T> {
        UnsafePointer(data.assumingMemoryBound(to: T.self))
    }

    /// Codes of the dictionary form.
    @inlinable @inline(__always)
    package var codes: UnsafePointer<UInt32> { values(UInt32.self) }

    @inlinable @inline(__always)
    package func isNull(_ row: Int) -> Bool {
        guard let validity else { return false }
        return !validity.isValid(form == .constant ? 0 : row)
    }

    package func nullCount() -> Int {
        guard let validity else { return 0 }
        return form == .constant ? (validity.isValid(0) ? 0 : count) : validity.nullCount()
    }
}

extension ColumnVector {
    /// `count` NULLs of a type.
    package static func nulls(_ type: DataType, count: Int) -> ColumnVector {
        let buffer = Buffer(byteCount: 16)
        buffer.zero()
        return ColumnVector(
            type: type, form: .constant, count: count, buffer: buffer,
            validity: ValidityBitmap(count: 1, allValid: false))
    }

    /// `first`, `first + step`, ... of a type with a 32-bit or 64-bit integer layout.
    package static func sequence(_ type: DataType, first: Int64, step: Int64, count: Int) -> ColumnVector {
        let buffer = Buffer(byteCount: 16)
        buffer.values(Int64.self)[0] = first
        buffer.values(Int64.self)[1] = step
        return ColumnVector(type: type, form: .sequence, count: count, buffer: buffer)
    }

    /// Writes the values, of a type of fixed size, to memory with room for them.
    ///
    /// - Returns: which of them are valid; nil where all are.
    package func copy(to target: UnsafeMutableRawPointer) -> ValidityBitmap? {
        let flat = flattened()
        target.copyMemory(from: flat.values(UInt8.self), byteCount: count * physical.stride)
        return withExtendedLifetime(flat) { flat.validity }
    }

    /// The same values under another type of the same layout.
    package func reinterpreted(as type: DataType) -> ColumnVector {
        precondition(type.physical == physical)
        return ColumnVector(
            type: type, form: form, count: count, buffer: owner, byteOffset: data - owner.address, validity: validity,
            dictionary: dictionary?.reinterpreted(as: type), heaps: heaps)
    }

    /// The same memory with another bitmap.
    package func withValidity(_ validity: ValidityBitmap?) -> ColumnVector {
        ColumnVector(
            type: type, form: form, count: count, buffer: owner, byteOffset: data - owner.address, validity: validity,
            dictionary: dictionary, heaps: heaps)
    }

    /// The same codes into another dictionary, which has the texts of this one in their places.
    func withDictionary(_ dictionary: ColumnVector) -> ColumnVector {
        precondition(form == .dictionary)
        return ColumnVector(
            type: type, form: form, count: count, buffer: owner, byteOffset: data - owner.address, validity: validity, dictionary: dictionary)
    }

    /// The codes of the dictionary form as numbers, NULL where the rows are.
    package var codeColumn: ColumnVector {
        precondition(form == .dictionary)
        return ColumnVector(type: .uinteger, count: count, buffer: owner, byteOffset: data - owner.address, validity: validity)
    }

    /// The value of a vector of one row, `count` times.
    func repeated(_ count: Int) -> ColumnVector {
        precondition(self.count == 1 && form == .flat)
        return ColumnVector(
            type: type, form: .constant, count: count, buffer: owner, byteOffset: data - owner.address, validity: validity, heaps: heaps)
    }

    /// A constant vector with another row count.
    package func resized(to count: Int) -> ColumnVector {
        precondition(form == .constant)
        return ColumnVector(
            type: type, form: .constant, count: count, buffer: owner, byteOffset: data - owner.address,
            validity: validity, heaps: heaps)
    }

    /// One vector over the memory of several; nil where these are not flat neighbours without NULLs.
    static func joined(_ vectors: [ColumnVector]) -> ColumnVector? {
        guard let first = vectors.first else { return nil }
        var end = first.data
        for vector in vectors {
            guard vector.form == .flat, vector.owner === first.owner, vector.data == end, vector.validity == nil else { return nil }
            end += vector.count * vector.physical.stride
        }
        return ColumnVector(
            type: first.type, count: (end - first.data) / first.physical.stride, buffer: first.owner,
            byteOffset: first.data - first.owner.address, heaps: first.heaps)
    }

    /// This vector and another as one over their memory; nil where these are not neighbours without NULLs, flat or of one dictionary.
    func joined(with next: ColumnVector) -> ColumnVector? {
        let stride = form == .dictionary ? 4 : physical.stride
        guard form == .flat || form == .dictionary, next.form == form, next.owner === owner, next.data == data + count * stride,
            next.dictionary === dictionary, validity == nil, next.validity == nil
        else { return nil }
        return ColumnVector(
            type: type, form: form, count: count + next.count, buffer: owner, byteOffset: data - owner.address, dictionary: dictionary,
            heaps: heaps)
    }

    /// Rows of `range` as a vector of their own. Shares memory; the validity bitmap is copied.
    package func slice(_ range: Range<Int>) -> ColumnVector {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        if range.count == count { return self }
        switch form {
        case .constant:
            return resized(to: range.count)
        case .sequence:
            let pair = values(Int64.self)
            return .sequence(
                type, first: pair[0] &+ pair[1] &* Int64(range.lowerBound), step: pair[1], count: range.count)
        case .flat, .dictionary:
            let stride = form == .flat ? physical.stride : 4
            return ColumnVector(
                type: type, form: form, count: range.count, buffer: owner,
                byteOffset: (data - owner.address) + range.lowerBound * stride, validity: validity?.slice(range),
                dictionary: dictionary, heaps: heaps)
        }
    }
}
