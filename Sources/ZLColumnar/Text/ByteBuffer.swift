import Glibc

/// A growable run of bytes that text is written to.
///
/// Appending is amortised O(1) a byte. A writer of known length takes room once with `reserve`, stores through the pointer and
/// calls `advance`.
package final class ByteBuffer {
    private struct State {
        var address: UnsafeMutablePointer<UInt8>
        var count: Int
        var capacity: Int
    }

    // why: fields of a class are checked for exclusive access at every use, memory behind a pointer is not.
    private let state: UnsafeMutablePointer<State>

    package init(capacity: Int = 256) {
        let size = max(capacity, 64)
        state = .allocate(capacity: 1)
        state.initialize(to: State(address: .allocate(capacity: size), count: 0, capacity: size))
    }

    deinit {
        state.pointee.address.deallocate()
        state.deallocate()
    }

    /// First byte.
    package var address: UnsafeMutablePointer<UInt8> { state.pointee.address }

    /// Bytes written.
    package var count: Int { state.pointee.count }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: address, count: count) }

    package var string: String { String(decoding: bytes, as: UTF8.self) }

    /// Where the next byte goes, with room for `extra` of them.
    @inline(__always)
    package func reserve(_ extra: Int) -> UnsafeMutablePointer<UInt8> {
        if state.pointee.count + extra > state.pointee.capacity { grow(extra) }
        return state.pointee.address + state.pointee.count
    }

    private func grow(_ extra: Int) {
        let grown = max(count + extra, state.pointee.capacity * 2)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: grown)
        larger.update(from: address, count: count)
        address.deallocate()
        state.pointee.address = larger
        state.pointee.capacity = grown
    }

    /// Counts `written` bytes that were stored behind the last one.
    @inline(__always)
    package func advance(_ written: Int) { state.pointee.count += written }

    package func removeAll() { state.pointee.count = 0 }

    /// Forgets all bytes from `length` on.
    package func truncate(to length: Int) { state.pointee.count = min(count, length) }

    @inline(__always)
    package func append(_ byte: UInt8) {
        reserve(1).pointee = byte
        state.pointee.count += 1
    }

    package func append(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0, let source = bytes.baseAddress else { return }
        memcpy(reserve(bytes.count), source, bytes.count)
        state.pointee.count += bytes.count
    }

    @inline(__always)
    package func append(_ text: StaticString) {
        memcpy(reserve(text.utf8CodeUnitCount), text.utf8Start, text.utf8CodeUnitCount)
        state.pointee.count += text.utf8CodeUnitCount
    }

    /// `length` bytes that `fill` writes.
    @inline(__always)
    func append(count length: Int, _ fill: (UnsafeMutableRawPointer) -> Void) {
        fill(UnsafeMutableRawPointer(reserve(length)))
        state.pointee.count += length
    }

    /// Zero bytes up to a multiple of `alignment`.
    func align(to alignment: Int) {
        let padding = (alignment - count % alignment) % alignment
        append(count: padding) { memset($0, 0, padding) }
    }

    package func append(text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }
}
