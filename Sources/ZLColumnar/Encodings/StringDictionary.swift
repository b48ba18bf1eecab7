import Glibc

/// Text columns whose values repeat, as codes into their distinct values in binary order.
package enum StringDictionary {
    /// More distinct values than this are no dictionary.
    static let limit = 1 << 16

    /// The column in dictionary form; nil where it would not be smaller, and for layouts other than text.
    ///
    /// Rows that are NULL have code 0. - Complexity: O(rows + d log d) for d distinct values
    package static func build(_ column: ColumnVector) -> ColumnVector? {
        guard column.physical == .string, column.count > 1 else { return nil }
        let flat = column.flattened()
        let views = flat.values(StringView.self)
        let count = flat.count
        let most = min(limit, count / 4 + 1)
        guard let (codes, firsts) = distinct(flat, views, count, most) else { return nil }
        let order = (0..<firsts.count).sorted { StringView.compare(views + firsts[$0], views + firsts[$1]) < 0 }
        var rank = [UInt32](repeating: 0, count: firsts.count)
        let entries = Buffer(byteCount: max(16, firsts.count * 16))
        let heap = StringHeap()
        for (place, first) in order.enumerated() {
            rank[first] = UInt32(place)
            entries.values(StringView.self)[place] = heap.view(copying: (views + firsts[first]).bytes)
        }
        let target = codes.values(UInt32.self)
        rank.withUnsafeBufferPointer { rank in
            for row in 0..<count { target[row] = flat.isNull(row) ? 0 : rank[Int(target[row])] }
        }
        let dictionary = ColumnVector(type: column.type, count: firsts.count, buffer: entries, heaps: [heap])
        return withExtendedLifetime(flat) {
            ColumnVector(type: column.type, form: .dictionary, count: count, buffer: codes, validity: flat.validity, dictionary: dictionary)
        }
    }

    /// A number for each row's value, in the order of first appearance, and the row of each first one.
    private static func distinct(
        _ flat: ColumnVector, _ views: UnsafePointer<StringView>, _ count: Int, _ most: Int
    ) -> (codes: Buffer, firsts: [Int])? {
        var capacity = 1024
        var slots = [UInt32](repeating: .max, count: capacity)
        var hashes: [UInt64] = []
        var firsts: [Int] = []
        let codes = Buffer(byteCount: max(16, count * 4))
        let target = codes.values(UInt32.self)
        for row in 0..<count {
            if flat.isNull(row) {
                target[row] = 0
                continue
            }
            let hash = self.hash(views + row)
            var slot = Int(hash >> 32) & (capacity - 1)
            while true {
                let code = slots[slot]
                if code == .max {
                    if firsts.count == most { return nil }
                    slots[slot] = UInt32(firsts.count)
                    target[row] = UInt32(firsts.count)
                    firsts.append(row)
                    hashes.append(hash)
                    if firsts.count * 2 > capacity {
                        capacity *= 2
                        slots = [UInt32](repeating: .max, count: capacity)
                        for (code, hash) in hashes.enumerated() {
                            var free = Int(hash >> 32) & (capacity - 1)
                            while slots[free] != .max { free = (free + 1) & (capacity - 1) }
                            slots[free] = UInt32(code)
                        }
                    }
                    break
                }
                if hashes[Int(code)] == hash, views[firsts[Int(code)]] == views[row] {
                    target[row] = code
                    break
                }
                slot = (slot + 1) & (capacity - 1)
            }
        }
        return firsts.isEmpty ? nil : (codes, firsts)
    }

    private static func hash(_ view: UnsafePointer<StringView>) -> UInt64 {
        var hash = view.pointee.head &* 0x9E37_79B9_7F4A_7C15
        if view.pointee.isInline {
            hash = (hash ^ view.pointee.tail) &* 0xC2B2_AE3D_27D4_EB4F
        } else {
            let bytes = view.bytes
            var place = 0
            while place + 8 <= bytes.count {
                hash = (hash ^ bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) &* 0xC2B2_AE3D_27D4_EB4F
                hash ^= hash >> 29
                place += 8
            }
            let last = bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self)
            hash = (hash ^ last) &* 0x9E37_79B9_7F4A_7C15
        }
        return hash ^ hash >> 32
    }
}
