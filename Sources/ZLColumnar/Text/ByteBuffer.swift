import Glibc

/// A growable run of bytes that text is written to.
///
/// Appending is amortised O(1) a byte. A writer of known length takes room once with `reserve`, stores through the pointer and
/// calls `advance`.
package final class ByteBuffer {
    /// First byte.
    package private(set) var address: UnsafeMutablePointer<UInt8>
    /// Bytes written.
    package private(set) var count = 0
    private var capacity: Int

    package init(capacity: Int = 256) {
        self.capacity = max(capacity, 64)
        address = .allocate(capacity: self.capacity)
    }

    deinit { address.deallocate() }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: address, count: count) }

    package var string: String { String(decoding: bytes, as: UTF8.self) }

    /// Where the next byte goes, with room for `extra` of them.
    @inline(__always)
    package func reserve(_ extra: Int) -> UnsafeMutablePointer<UInt8> {
        if count + extra > capacity { grow(extra) }
        return address + count
    }

    private func grow(_ extra: Int) {
        let grown = max(count + extra, capacity * 2)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: grown)
        larger.update(from: address, count: count)
        address.deallocate()
        address = larger
        capacity = grown
    }

    /// Counts `written` bytes that were stored behind the last one.
    @inline(__always)
    package func advance(_ written: Int) { count += written }

    package func removeAll() { count = 0 }

    /// Forgets all bytes from `length` on.
    package func truncate(to length: Int) { count = min(count, length) }

    @inline(__always)
    package func append(_ byte: UInt8) {
        reserve(1).pointee = byte
        count += 1
    }

    package func append(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0, let source = bytes.baseAddress else { return }
        memcpy(reserve(bytes.count), source, bytes.count)
        count += bytes.count
    }

    @inline(__always)
    package func append(_ text: StaticString) {
        memcpy(reserve(text.utf8CodeUnitCount), text.utf8Start, text.utf8CodeUnitCount)
        count += text.utf8CodeUnitCount
    }

    package func append(text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }
}
