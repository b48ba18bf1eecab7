import Glibc

/// Sixteen bytes that stand for a byte string: the length, then up to 12 bytes inline, or a 4-byte prefix and a pointer.
///
/// Length and prefix lie in one word, so most unequal pairs are told apart by one compare. The bytes of a long string
/// belong to a `StringHeap` that the vector holds on to.
@usableFromInline
package struct StringView: BitwiseCopyable, Sendable {
    /// Low 32 bits: length. High 32 bits: the first four bytes.
    @usableFromInline package var head: UInt64
    /// Bytes 4 to 11 of a short string, else the address of all bytes.
    @usableFromInline package var tail: UInt64

    package static let inlineCapacity = 12

    @inlinable
    package init() {
        head = 0
        tail = 0
    }

    /// A view of `bytes`, which must outlive it when longer than 12.
    @inlinable
    package init(_ bytes: UnsafeRawBufferPointer) {
        self.init(bytes.baseAddress, count: bytes.count)
    }

    @inlinable
    package init(_ address: UnsafeRawPointer?, count: Int) {
        head = UInt64(UInt32(truncatingIfNeeded: count))
        tail = 0
        guard let address, count > 0 else { return }
        if count <= 12 {
            withUnsafeMutableBytes(of: &self) { _ = memcpy($0.baseAddress.unsafelyUnwrapped + 4, address, count) }
        } else {
            head |= UInt64(address.loadUnaligned(as: UInt32.self)) << 32
            tail = UInt64(UInt(bitPattern: address))
        }
    }

    /// A view of up to 12 bytes that are followed by as many readable ones as make 16; nil for more of them.
    @inlinable @inline(__always)
    package init?(short address: UnsafePointer<UInt8>, count: Int) {
        guard count <= 12 else { return nil }
        let bytes = UnsafeRawPointer(address)
        let bits = UInt64(truncatingIfNeeded: 8 &* count)
        // why: a shift by 64 or more leaves nothing of the mask, so all of the word.
        let low = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)) & ~(UInt64.max << bits)
        let high = count > 8 ? UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)) & ~(UInt64.max << (bits &- 64)) : 0
        head = UInt64(truncatingIfNeeded: count) | low << 32
        tail = low >> 32 | high << 32
    }

    @inlinable
    package var count: Int { Int(head & 0xFFFF_FFFF) }

    @inlinable
    package var isInline: Bool { count <= 12 }

    @inlinable
    package static func == (left: StringView, right: StringView) -> Bool {
        guard left.head == right.head else { return false }
        if left.isInline || left.tail == right.tail { return left.tail == right.tail }
        return memcmp(
            UnsafeRawPointer(bitPattern: UInt(left.tail)).unsafelyUnwrapped,
            UnsafeRawPointer(bitPattern: UInt(right.tail)).unsafelyUnwrapped, left.count) == 0
    }

    /// Below, equal or above zero as the bytes of `left` sort before, with or after those of `right` (binary collation).
    @inlinable
    package static func compare(_ left: UnsafePointer<StringView>, _ right: UnsafePointer<StringView>) -> Int {
        let a = left.bytes
        let b = right.bytes
        let shared = min(a.count, b.count)
        if shared > 0, let p = a.baseAddress, let q = b.baseAddress {
            let order = memcmp(p, q, shared)
            if order != 0 { return Int(order) }
        }
        return a.count - b.count
    }
}

extension UnsafePointer where Pointee == StringView {
    /// The string's bytes, valid as long as the view's memory and its heap.
    @inlinable
    package var bytes: UnsafeRawBufferPointer {
        let count = pointee.count
        if count <= 12 {
            return UnsafeRawBufferPointer(start: UnsafeRawPointer(self) + 4, count: count)
        }
        return UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: UInt(pointee.tail)), count: count)
    }

    /// The first eight bytes, big-endian, zeros behind a shorter string: a smaller prefix is a smaller string.
    @inlinable
    package var prefix: UInt64 {
        let tail = pointee.isInline
            ? UInt32(truncatingIfNeeded: pointee.tail)
            : UnsafeRawPointer(bitPattern: UInt(pointee.tail)).unsafelyUnwrapped.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
        return UInt64(UInt32(truncatingIfNeeded: pointee.head >> 32).byteSwapped) << 32 | UInt64(tail.byteSwapped)
    }

    package var string: String { String(decoding: bytes, as: UTF8.self) }
}

/// An arena for the bytes of long strings. Bytes never move, so views into it stay valid while it lives.
package final class StringHeap: @unchecked Sendable {  // proof: filled by one builder before it is published, read only after
    private var blocks: [Buffer] = []
    private var used = 0
    private static let firstBlockSize = 4 << 10
    private static let blockSize = 256 << 10

    package init() {}

    /// A heap of bytes that lie in `buffer` already.
    init(adopting buffer: Buffer) {
        blocks = [buffer]
        used = buffer.byteCount
    }

    /// A full heap that holds on to the bytes of others.
    init(joining heaps: [StringHeap]) {
        blocks = heaps.flatMap(\.blocks)
        used = blocks.last?.byteCount ?? 0
    }

    /// Room for `byteCount` bytes that the caller fills.
    package func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        if let last = blocks.last, last.byteCount - used >= byteCount {
            let place = last.address + used
            used += byteCount
            return place
        }
        let block = Buffer(byteCount: max(byteCount, blocks.isEmpty ? StringHeap.firstBlockSize : StringHeap.blockSize))
        blocks.append(block)
        used = byteCount
        return block.address
    }

    /// A view of a copy of `bytes`.
    package func view(copying bytes: UnsafeRawBufferPointer) -> StringView {
        guard bytes.count > StringView.inlineCapacity, let source = bytes.baseAddress else { return StringView(bytes) }
        let place = allocate(bytes.count)
        place.copyMemory(from: source, byteCount: bytes.count)
        return StringView(UnsafeRawPointer(place), count: bytes.count)
    }

    package func view(copying text: String) -> StringView {
        var text = text
        return text.withUTF8 { view(copying: UnsafeRawBufferPointer($0)) }
    }
}
