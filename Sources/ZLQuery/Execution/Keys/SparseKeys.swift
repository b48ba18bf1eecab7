import CKernels
import ZLColumnar

/// Whole-number keys that spread: a hash table of the keys themselves, made for a known number of rows.
final class SparseKeys: @unchecked Sendable {  // proof: written by `init` only
    private(set) var count = 0
    private let slots: Buffer
    private let bits: UInt32

    /// Numbers the keys in the order in which they turn up; `ColumnVector.noRow` for NULL.
    ///
    /// - Complexity: O(rows)
    init(_ keys: WholeKeys, into numbers: UnsafeMutablePointer<UInt32>) {
        bits = UInt32(max(4, Int.bitWidth - (2 * keys.count).leadingZeroBitCount))
        slots = Buffer(byteCount: MemoryLayout<zl_key_slot>.stride << Int(bits))
        slots.zero()
        guard keys.nulls.mayHaveNulls else {
            count = zl_keys_insert(slots.values(zl_key_slot.self), bits, keys.values, keys.count, 0, numbers)
            return
        }
        for row in 0..<keys.count {
            if keys.nulls.isNull(row) {
                numbers[row] = ColumnVector.noRow
            } else {
                count = zl_keys_insert(slots.values(zl_key_slot.self), bits, keys.values + row, 1, count, numbers + row)
            }
        }
    }

    /// The number of each key; `ColumnVector.noRow` for NULL and for unknown keys.
    func find(_ keys: WholeKeys, into numbers: UnsafeMutablePointer<UInt32>) {
        zl_keys_find(slots.values(zl_key_slot.self), bits, keys.values, keys.count, numbers)
        keys.unmarkNulls(numbers)
    }
}
