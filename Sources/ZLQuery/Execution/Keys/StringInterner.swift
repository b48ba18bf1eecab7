import ZLColumnar

/// Gives every distinct long string one address, so that equal strings have equal views. Short strings are equal as they are.
final class StringInterner {
    let heap = StringHeap()
    private var slots: [UInt32] = []
    private var views: [StringView] = []
    private var hashes: [UInt64] = []

    /// The one view of a string; nil where it is not interned and `inserting` is false.
    ///
    /// - Complexity: O(length), amortised.
    func canonical(_ view: UnsafePointer<StringView>, inserting: Bool) -> StringView? {
        if view.pointee.isInline { return view.pointee }
        let bytes = view.bytes
        let hash = KeyHash.hash(bytes)
        if slots.isEmpty {
            guard inserting else { return nil }
            slots = [UInt32](repeating: 0, count: 64)
        }
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let entry = Int(slots[slot]) - 1
            if hashes[entry] == hash, views[entry] == view.pointee { return views[entry] }
            slot = (slot + 1) & (slots.count - 1)
        }
        guard inserting else { return nil }
        let copy = heap.view(copying: bytes)
        views.append(copy)
        hashes.append(hash)
        slots[slot] = UInt32(views.count)
        if views.count * 2 > slots.count { grow() }
        return copy
    }

    private func grow() {
        var larger = [UInt32](repeating: 0, count: slots.count * 2)
        for (entry, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (larger.count - 1)
            while larger[slot] != 0 { slot = (slot + 1) & (larger.count - 1) }
            larger[slot] = UInt32(entry + 1)
        }
        slots = larger
    }
}

/// Multiply-fold hashing of words and bytes (the mixing step of wyhash, Wang Yi 2019).
enum KeyHash {
    private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15

    @inline(__always)
    static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: factor)
        return product.high ^ product.low ^ (word &* 0xD6E8_FEB8_6659_FD93)
    }

    @inline(__always)
    static func hash(_ words: UnsafePointer<UInt64>, count: Int) -> UInt64 {
        var hash = factor
        for index in 0..<count { hash = mix(hash, words[index]) }
        return mix(hash, hash >> 32)
    }

    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        guard let base = bytes.baseAddress else { return factor }
        var hash = factor &+ UInt64(truncatingIfNeeded: bytes.count)
        var offset = 0
        while offset + 8 <= bytes.count {
            hash = mix(hash, (base + offset).loadUnaligned(as: UInt64.self))
            offset += 8
        }
        var tail: UInt64 = 0
        while offset < bytes.count {
            tail = tail << 8 | UInt64(bytes[offset])
            offset += 1
        }
        return mix(mix(hash, tail), hash >> 32)
    }
}
