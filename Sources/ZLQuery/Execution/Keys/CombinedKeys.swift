import ZLColumnar

/// Several whole-number keys as one: each key's distance from its least one in bits of its own.
///
/// Made for the rows of one side; rows of the other side with a key out of its range equal none of them.
struct CombinedKeys: Sendable {
    private struct Part: Sendable {
        let least: Int64
        let range: UInt64
        let shift: UInt64
    }

    private let parts: [Part]

    /// nil for other layouts, where some key is NULL in every row, and where the bits are too many.
    init?(_ vectors: [ColumnVector]) {
        var parts: [Part] = []
        var shift = 0
        for vector in vectors {
            guard let bounds = WholeKeys(vector)?.bounds else { return nil }
            let range = UInt64(bitPattern: bounds.upperBound &- bounds.lowerBound)
            guard shift < Int64.bitWidth else { return nil }
            parts.append(Part(least: bounds.lowerBound, range: range, shift: UInt64(shift)))
            shift += UInt64.bitWidth - range.leadingZeroBitCount
        }
        // why: the sign stays clear, so that combined keys lie as close together as their parts
        guard shift < Int64.bitWidth else { return nil }
        self.parts = parts
    }

    /// The combined key of each row, NULL where a key is NULL or out of range; nil for layouts that are no whole numbers.
    ///
    /// - Complexity: O(rows * keys)
    func column(_ vectors: [ColumnVector], count: Int) -> ColumnVector? {
        let buffer = Buffer(byteCount: max(16, count * 8))
        let combined = buffer.values(UInt64.self)
        combined.update(repeating: 0, count: count)
        var validity: ValidityBitmap?
        for (part, vector) in zip(parts, vectors) {
            guard let keys = WholeKeys(vector) else { return nil }
            let (values, least, range, shift) = (keys.values, part.least, part.range, part.shift)
            let mask = range.filled
            var isOutside = false
            for row in 0..<count {
                let distance = UInt64(bitPattern: values[row] &- least)
                isOutside = isOutside || distance > range
                combined[row] |= (distance & mask) << shift
            }
            if isOutside || keys.nulls.mayHaveNulls {
                let bitmap = validity ?? ValidityBitmap(count: count, allValid: true)
                for row in 0..<count where keys.nulls.isNull(row) || UInt64(bitPattern: values[row] &- least) > range { bitmap.setNull(row) }
                validity = bitmap
            }
        }
        return ColumnVector(type: .bigint, count: count, buffer: buffer, validity: validity)
    }
}

extension UInt64 {
    /// All bits up to the highest one that is set.
    fileprivate var filled: UInt64 { self == 0 ? 0 : UInt64.max >> UInt64(leadingZeroBitCount) }
}
