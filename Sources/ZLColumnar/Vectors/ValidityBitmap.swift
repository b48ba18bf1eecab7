import CKernels
import Glibc

/// One bit a row: 1 where the row holds a value, 0 where it is NULL. A vector without NULLs carries none.
package final class ValidityBitmap: @unchecked Sendable {  // proof: written by its maker before it is published, read only after
    /// Rows covered; the bits behind the last row are undefined.
    package let count: Int
    @usableFromInline let buffer: Buffer

    /// All rows valid, or all NULL.
    package init(count: Int, allValid: Bool) {
        self.count = count
        buffer = Buffer(byteCount: (count + 63) / 64 * 8)
        memset(buffer.address, allValid ? 0xFF : 0, buffer.byteCount)
    }

    /// Bit `row & 63` of word `row >> 6` belongs to the row.
    @inlinable
    package var words: UnsafeMutablePointer<UInt64> { buffer.address.assumingMemoryBound(to: UInt64.self) }

    @inlinable
    package var wordCount: Int { (count + 63) >> 6 }

    @inlinable @inline(__always)
    package func isValid(_ row: Int) -> Bool { (words[row >> 6] >> UInt64(row & 63)) & 1 != 0 }

    @inlinable @inline(__always)
    package func setNull(_ row: Int) { words[row >> 6] &= ~(1 << UInt64(row & 63)) }

    @inlinable @inline(__always)
    package func setValid(_ row: Int) { words[row >> 6] |= 1 << UInt64(row & 63) }

    /// Makes the rows from `row` on NULL where those of `vector` are.
    ///
    /// - Complexity: O(rows / 64)
    package func setNulls(of vector: ColumnVector, at row: Int) {
        guard let source = vector.validity else { return }
        if vector.form == .constant {
            if !source.isValid(0) { for place in row..<row + vector.count { setNull(place) } }
            return
        }
        setNulls(of: source, count: vector.count, at: row)
        withExtendedLifetime(vector) {}
    }

    /// Makes the rows from `row` on NULL where the first `count` rows of another bitmap are.
    ///
    /// - Complexity: O(rows / 64)
    package func setNulls(of source: ValidityBitmap, count: Int, at row: Int) {
        let shift = UInt64(row & 63)
        let (from, to) = (UnsafePointer(source.words), words + row >> 6)
        for index in 0..<(count + 63) >> 6 {
            let rest = count - index << 6
            let nulls = ~from[index] & (rest < 64 ? (1 << UInt64(rest)) - 1 : .max)
            to[index] &= ~(nulls << shift)
            if shift > 0, nulls >> (64 - shift) != 0 { to[index + 1] &= ~(nulls >> (64 - shift)) }
        }
        withExtendedLifetime(source) {}
    }

    /// A bitmap of `capacity` rows or more with the NULLs of `known`, all others valid: `known` itself where it is large enough.
    package static func covering(_ capacity: Int, _ known: ValidityBitmap?) -> ValidityBitmap {
        if let known, known.count >= capacity { return known }
        let larger = ValidityBitmap(count: capacity, allValid: true)
        if let known { larger.words.update(from: known.words, count: known.wordCount) }
        return larger
    }

    /// Which of some row numbers stand for a row; nil where all do.
    package static func present(_ rows: UnsafePointer<UInt32>, count: Int) -> ValidityBitmap? {
        let bitmap = ValidityBitmap(count: count, allValid: false)
        return zl_filled_bits(rows, count, bitmap.words) == count ? nil : bitmap
    }

    /// - Complexity: O(count / 64)
    package func nullCount() -> Int {
        var valid = 0
        let whole = count >> 6
        for index in 0..<whole { valid += words[index].nonzeroBitCount }
        let rest = count & 63
        if rest > 0 { valid += (words[whole] & ((1 << UInt64(rest)) - 1)).nonzeroBitCount }
        return count - valid
    }

    /// The rows where both hold a value; an absent bitmap is all valid.
    package static func intersection(
        _ left: ValidityBitmap?, _ right: ValidityBitmap?, count: Int
    ) -> ValidityBitmap? {
        guard let left else { return right }
        guard let right else { return left }
        let result = ValidityBitmap(count: count, allValid: true)
        for index in 0..<result.wordCount { result.words[index] = left.words[index] & right.words[index] }
        return result
    }

    /// A copy of `range`, moved to row 0; nil where the range holds no NULL.
    package func slice(_ range: Range<Int>) -> ValidityBitmap? {
        let result = ValidityBitmap(count: range.count, allValid: true)
        let shift = UInt64(range.lowerBound & 63)
        let first = range.lowerBound >> 6
        for index in 0..<result.wordCount {
            var word = words[first + index] >> shift
            if shift > 0, first + index + 1 < wordCount { word |= words[first + index + 1] << (64 - shift) }
            result.words[index] = word
        }
        return result.nullCount() == 0 ? nil : result
    }
}
