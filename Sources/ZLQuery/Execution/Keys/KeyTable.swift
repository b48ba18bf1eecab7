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
    /// The hash of each key.
    private var hashes: Buffer

    init(types: [DataType]) {
        encoder = KeyEncoder(types: types)
        keyCapacity = 256
        keys = Buffer(byteCount: keyCapacity * encoder.width * 8)
        hashes = Buffer(byteCount: keyCapacity * 8)
        slotCount = 1024
        slots = Buffer(byteCount: slotCount * 8)
        slots.zero()
    }

    /// Slot: upper half of the hash, then number + 1 in the lower half; 0 is empty.
    private static let tagMask: UInt64 = 0xFFFF_FFFF_0000_0000

    /// The number of each row's key; unknown keys get the next free numbers.
    ///
    /// - Complexity: O(1) a row; of neighbours with equal keys only the first is looked up.
    func insert(_ columns: [ColumnVector], count rows: Int, into numbers: UnsafeMutablePointer<UInt32>) {
        let encoded = encoder.encode(columns, count: rows, inserting: true)
        let words = UnsafePointer(encoded.buffer.values(UInt64.self))
        switch encoder.width {
        case 2: insert(words, width: 2, rows, numbers)
        case 3: insert(words, width: 3, rows, numbers)
        case 4: insert(words, width: 4, rows, numbers)
        default: insert(words, width: encoder.width, rows, numbers)
        }
        withExtendedLifetime(encoded) {}
    }

    /// Rows whose slot is asked for ahead of the row that is looked up; their keys at half the way.
    private static let prefetchDistance = 16
    /// Smaller tables stay in the cache by themselves.
    private static let prefetchFrom = 1 << 14

    @inline(__always)
    private func insert(
        _ words: UnsafePointer<UInt64>, width: Int, _ rows: Int, _ numbers: UnsafeMutablePointer<UInt32>
    ) {
        let scratch = Buffer(byteCount: max(16, rows * 12))
        let hashes = scratch.values(UInt64.self)
        let leaders = (scratch.address + rows * 8).assumingMemoryBound(to: UInt32.self)
        var leaderCount = 0
        for row in 0..<rows {
            leaders[leaderCount] = UInt32(truncatingIfNeeded: row)
            let key = words + row * width
            leaderCount += row == 0 || !KeyTable.equals(key, key - width, width) ? 1 : 0
        }
        for index in 0..<leaderCount { hashes[index] = KeyHash.hash(words + Int(leaders[index]) * width, count: width) }
        lookUp(words, width: width, leaders, leaderCount, hashes, numbers)
        guard leaderCount < rows else { return }
        var end = rows
        for index in stride(from: leaderCount - 1, through: 0, by: -1) {
            let start = Int(leaders[index])
            (numbers + start).update(repeating: numbers[start], count: end - start)
            end = start
        }
        withExtendedLifetime(scratch) {}
    }

    @inline(__always)
    private static func equals(_ a: UnsafePointer<UInt64>, _ b: UnsafePointer<UInt64>, _ width: Int) -> Bool {
        var difference: UInt64 = 0
        for word in 0..<width { difference |= a[word] ^ b[word] }
        return difference == 0
    }

    /// Finds or inserts the keys of `rows`.
    @inline(__always)
    private func lookUp(
        _ words: UnsafePointer<UInt64>, width: Int, _ rows: UnsafePointer<UInt32>, _ rowCount: Int,
        _ hashes: UnsafePointer<UInt64>, _ numbers: UnsafeMutablePointer<UInt32>
    ) {
        let distance = KeyTable.prefetchDistance
        var (table, mask) = (slots.values(UInt64.self), slotCount - 1)
        var (stored, storedHashes) = (keys.values(UInt64.self), self.hashes.values(UInt64.self))
        // why: what the loop changes is held in variables, for the table's own fields are retained at each touch
        var (count, room) = (self.count, min(keyCapacity, slotCount / 2))
        for index in 0..<rowCount {
            if mask >= KeyTable.prefetchFrom, index + distance < rowCount {
                zl_prefetch(table + (Int(truncatingIfNeeded: hashes[index + distance]) & mask))
                let near = table[Int(truncatingIfNeeded: hashes[index + distance / 2]) & mask]
                zl_prefetch(stored + max(Int(near & ~KeyTable.tagMask) - 1, 0) * width)
            }
            let row = Int(rows[index])
            let key = words + row * width
            let hash = hashes[index]
            let tag = hash & KeyTable.tagMask
            var slot = Int(truncatingIfNeeded: hash) & mask
            var found = -1
            while table[slot] != 0 {
                let entry = table[slot]
                if entry & KeyTable.tagMask == tag {
                    let number = Int(entry & ~KeyTable.tagMask) - 1
                    if KeyTable.equals(stored + number * width, key, width) {
                        found = number
                        break
                    }
                }
                slot = (slot + 1) & mask
            }
            if found < 0 {
                found = count
                table[slot] = tag | UInt64(count + 1)
                for word in 0..<width { stored[count * width + word] = key[word] }
                storedHashes[count] = hash
                count += 1
                if count == room {
                    self.count = count
                    grow()
                    (table, mask, room) = (slots.values(UInt64.self), slotCount - 1, min(keyCapacity, slotCount / 2))
                    (stored, storedHashes) = (keys.values(UInt64.self), self.hashes.values(UInt64.self))
                }
            }
            numbers[row] = UInt32(truncatingIfNeeded: found)
        }
        self.count = count
    }

    /// The number of each row's key; `ColumnVector.noRow` where it is unknown, or holds a NULL and `nullsMatch` is false.
    func find(
        _ columns: [ColumnVector], count rows: Int, nullsMatch: [Bool], into numbers: UnsafeMutablePointer<UInt32>
    ) {
        let encoded = encoder.encode(columns, count: rows, inserting: false)
        let refused = KeyTable.refusedNulls(nullsMatch)
        let table = slots.values(UInt64.self)
        let stored = UnsafePointer(keys.values(UInt64.self))
        let (width, mask, distance) = (encoder.width, slotCount - 1, 16)
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: rows) { scratch in
            guard let hashes = scratch.baseAddress else { return }
            for row in 0..<rows { hashes[row] = KeyHash.hash(encoded.row(row), count: width) }
            for row in 0..<rows {
                if mask >= KeyTable.prefetchFrom, row + distance < rows {
                    zl_prefetch(table + (Int(truncatingIfNeeded: hashes[row + distance]) & mask))
                    let near = table[Int(truncatingIfNeeded: hashes[row + distance / 2]) & mask]
                    zl_prefetch(stored + max(Int(near & ~KeyTable.tagMask) - 1, 0) * width)
                }
                let key = encoded.row(row)
                numbers[row] = ColumnVector.noRow
                if key[0] & refused != 0 { continue }
                let tag = hashes[row] & KeyTable.tagMask
                var slot = Int(truncatingIfNeeded: hashes[row]) & mask
                while table[slot] != 0 {
                    let entry = table[slot]
                    if entry & KeyTable.tagMask == tag {
                        let number = Int(entry & ~KeyTable.tagMask) - 1
                        if KeyTable.equals(stored + number * width, key, width) {
                            numbers[row] = UInt32(truncatingIfNeeded: number)
                            break
                        }
                    }
                    slot = (slot + 1) & mask
                }
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

    /// Makes room for at least one key more.
    @inline(never)
    private func grow() {
        if count == keyCapacity {
            keyCapacity *= 2
            let moreKeys = Buffer(byteCount: keyCapacity * encoder.width * 8)
            moreKeys.address.copyMemory(from: keys.address, byteCount: count * encoder.width * 8)
            keys = moreKeys
            let moreHashes = Buffer(byteCount: keyCapacity * 8)
            moreHashes.address.copyMemory(from: hashes.address, byteCount: count * 8)
            hashes = moreHashes
        }
        guard count * 2 == slotCount else { return }
        slotCount *= 4
        slots = Buffer(byteCount: slotCount * 8)
        slots.zero()
        let table = slots.values(UInt64.self)
        let stored = hashes.values(UInt64.self)
        for number in 0..<count {
            let hash = stored[number]
            var slot = Int(truncatingIfNeeded: hash) & (slotCount - 1)
            while table[slot] != 0 { slot = (slot + 1) & (slotCount - 1) }
            table[slot] = hash & KeyTable.tagMask | UInt64(number + 1)
        }
    }
}
