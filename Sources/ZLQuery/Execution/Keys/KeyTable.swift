import CKernels
import ZLColumnar

/// A hash table from encoded keys to dense numbers 0, 1, 2, ... in order of first appearance.
///
/// Linear probing over slots of (hash tag, number) at a load of at most one half; the keys lie in one array of rows.
final class KeyTable: @unchecked Sendable {  // proof: `find` only reads; `insert` is done by one thread
    let encoder: KeyEncoder
    private(set) var count = 0
    private var keys: Buffer
    private var keyCapacity: Int
    private var slots: Buffer
    private var slotCount: Int
    private var hashes: [UInt64] = []

    init(types: [DataType]) {
        encoder = KeyEncoder(types: types)
        keyCapacity = 256
        keys = Buffer(byteCount: keyCapacity * encoder.width * 8)
        slotCount = 1024
        slots = Buffer(byteCount: slotCount * 8)
        slots.zero()
    }

    /// Slot: upper half of the hash, then number + 1 in the lower half; 0 is empty.
    private static let tagMask: UInt64 = 0xFFFF_FFFF_0000_0000

    /// The number of each row's key; unknown keys get the next free numbers.
    func insert(_ columns: [ColumnVector], count rows: Int, into numbers: UnsafeMutablePointer<UInt32>) {
        let encoded = encoder.encode(columns, count: rows, inserting: true)
        for row in 0..<rows {
            let key = encoded.row(row)
            numbers[row] = insert(key, KeyHash.hash(key, count: encoder.width))
        }
    }

    private func insert(_ key: UnsafePointer<UInt64>, _ hash: UInt64) -> UInt32 {
        let table = slots.values(UInt64.self)
        let tag = hash & KeyTable.tagMask
        var slot = Int(truncatingIfNeeded: hash) & (slotCount - 1)
        while table[slot] != 0 {
            let entry = table[slot]
            if entry & KeyTable.tagMask == tag {
                let number = Int(entry & ~KeyTable.tagMask) - 1
                if equals(number, key) { return UInt32(truncatingIfNeeded: number) }
            }
            slot = (slot + 1) & (slotCount - 1)
        }
        table[slot] = tag | UInt64(count + 1)
        append(key, hash)
        return UInt32(truncatingIfNeeded: count - 1)
    }

    /// The number of each row's key; `ColumnVector.noRow` where it is unknown, or holds a NULL and `nullsMatch` is false.
    func find(
        _ columns: [ColumnVector], count rows: Int, nullsMatch: [Bool], into numbers: UnsafeMutablePointer<UInt32>
    ) {
        let encoded = encoder.encode(columns, count: rows, inserting: false)
        let refused = KeyTable.refusedNulls(nullsMatch)
        let table = slots.values(UInt64.self)
        for row in 0..<rows {
            let key = encoded.row(row)
            numbers[row] = ColumnVector.noRow
            if key[0] & refused != 0 { continue }
            let hash = KeyHash.hash(key, count: encoder.width)
            let tag = hash & KeyTable.tagMask
            var slot = Int(truncatingIfNeeded: hash) & (slotCount - 1)
            while table[slot] != 0 {
                let entry = table[slot]
                if entry & KeyTable.tagMask == tag {
                    let number = Int(entry & ~KeyTable.tagMask) - 1
                    if equals(number, key) {
                        numbers[row] = UInt32(truncatingIfNeeded: number)
                        break
                    }
                }
                slot = (slot + 1) & (slotCount - 1)
            }
        }
    }

    /// The NULL bits that keep a row from matching, and the mark of a string that is in no key.
    static func refusedNulls(_ nullsMatch: [Bool]) -> UInt64 {
        var mask = KeyEncoder.unknownString
        for (index, matches) in nullsMatch.enumerated() where !matches { mask |= 1 << UInt64(index) }
        return mask
    }

    /// The distinct keys, in order of their numbers.
    func keyColumns() -> [ColumnVector] {
        encoder.types.indices.map { encoder.decode($0, of: keys.values(UInt64.self), count: count) }
    }

    @inline(__always)
    private func equals(_ number: Int, _ key: UnsafePointer<UInt64>) -> Bool {
        let stored = keys.values(UInt64.self) + number * encoder.width
        for word in 0..<encoder.width where stored[word] != key[word] { return false }
        return true
    }

    private func append(_ key: UnsafePointer<UInt64>, _ hash: UInt64) {
        let width = encoder.width
        if count == keyCapacity {
            let larger = Buffer(byteCount: keyCapacity * 2 * width * 8)
            larger.address.copyMemory(from: keys.address, byteCount: count * width * 8)
            keys = larger
            keyCapacity *= 2
        }
        (keys.values(UInt64.self) + count * width).update(from: key, count: width)
        hashes.append(hash)
        count += 1
        if count * 2 > slotCount { grow() }
    }

    private func grow() {
        slotCount *= 4
        slots = Buffer(byteCount: slotCount * 8)
        slots.zero()
        let table = slots.values(UInt64.self)
        for (number, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (slotCount - 1)
            while table[slot] != 0 { slot = (slot + 1) & (slotCount - 1) }
            table[slot] = hash & KeyTable.tagMask | UInt64(number + 1)
        }
    }
}
