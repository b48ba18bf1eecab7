/// XXH64 by Yann Collet: a fast 64-bit digest that tells file contents apart.
package struct XXHash64 {
    private var lanes: (UInt64, UInt64, UInt64, UInt64)
    private var tail: [UInt8] = []
    private var total: UInt64 = 0

    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5
    private static let stripe = 32

    private let seed: UInt64

    package init(seed: UInt64 = 0) {
        self.seed = seed
        lanes = (
            seed &+ XXHash64.prime1 &+ XXHash64.prime2, seed &+ XXHash64.prime2, seed, seed &- XXHash64.prime1
        )
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        total &+= UInt64(bytes.count)
        var position = 0
        if !tail.isEmpty {
            let needed = min(XXHash64.stripe - tail.count, bytes.count)
            tail.append(contentsOf: bytes[0..<needed])
            position = needed
            guard tail.count == XXHash64.stripe else { return }
            tail.withUnsafeBytes { consume($0, at: 0) }
            tail.removeAll(keepingCapacity: true)
        }
        while position + XXHash64.stripe <= bytes.count {
            consume(bytes, at: position)
            position += XXHash64.stripe
        }
        tail.append(contentsOf: bytes[position...])
    }

    @inline(__always)
    private mutating func consume(_ bytes: UnsafeRawBufferPointer, at position: Int) {
        lanes.0 = XXHash64.round(lanes.0, bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        lanes.1 = XXHash64.round(lanes.1, bytes.loadUnaligned(fromByteOffset: position + 8, as: UInt64.self))
        lanes.2 = XXHash64.round(lanes.2, bytes.loadUnaligned(fromByteOffset: position + 16, as: UInt64.self))
        lanes.3 = XXHash64.round(lanes.3, bytes.loadUnaligned(fromByteOffset: position + 24, as: UInt64.self))
    }

    @inline(__always)
    private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
        rotate(lane &+ input &* prime2, 31) &* prime1
    }

    @inline(__always)
    private static func rotate(_ value: UInt64, _ bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }

    private static func merge(_ hash: UInt64, _ lane: UInt64) -> UInt64 {
        (hash ^ round(0, lane)) &* prime1 &+ prime4
    }

    package func digest() -> UInt64 {
        var hash: UInt64
        if total >= UInt64(XXHash64.stripe) {
            hash = XXHash64.rotate(lanes.0, 1) &+ XXHash64.rotate(lanes.1, 7)
            hash = hash &+ XXHash64.rotate(lanes.2, 12) &+ XXHash64.rotate(lanes.3, 18)
            hash = XXHash64.merge(hash, lanes.0)
            hash = XXHash64.merge(hash, lanes.1)
            hash = XXHash64.merge(hash, lanes.2)
            hash = XXHash64.merge(hash, lanes.3)
        } else {
            hash = seed &+ XXHash64.prime5
        }
        hash &+= total
        tail.withUnsafeBytes { hash = XXHash64.fold(hash, $0) }
        hash = (hash ^ hash >> 33) &* XXHash64.prime2
        hash = (hash ^ hash >> 29) &* XXHash64.prime3
        return hash ^ hash >> 32
    }

    private static func fold(_ start: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = start
        var position = 0
        while position + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            hash = rotate(hash ^ round(0, word), 27) &* prime1 &+ prime4
            position += 8
        }
        if position + 4 <= bytes.count {
            let word = UInt64(bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
            hash = rotate(hash ^ word &* prime1, 23) &* prime2 &+ prime3
            position += 4
        }
        while position < bytes.count {
            hash = rotate(hash ^ UInt64(bytes[position]) &* prime5, 11) &* prime1
            position += 1
        }
        return hash
    }
}
