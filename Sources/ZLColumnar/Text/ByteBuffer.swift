import CKernels
import Glibc

/// A growable run of bytes that text is written to.
///
/// Appending is amortised O(1) a byte. A writer of known length takes room once with `reserve`, stores through the pointer and
/// calls `advance`. Its memory is that of a `Buffer`, so what short-lived ones grew to is not asked of the system again.
package final class ByteBuffer {
    private struct State {
        var address: UnsafeMutablePointer<UInt8>
        var count: Int
        var capacity: Int
    }

    // why: fields of a class are checked for exclusive access at every use, memory behind a pointer is not.
    private let state: UnsafeMutablePointer<State>

    private static let leastCapacity = 64

    package init(capacity: Int = 256) {
        let size = max(capacity, ByteBuffer.leastCapacity)
        state = .allocate(capacity: 1)
        state.initialize(to: State(address: ByteBuffer.taken(size), count: 0, capacity: size))
    }

    deinit {
        zl_block_give(state.pointee.address, state.pointee.capacity)
        state.deallocate()
    }

    private static func taken(_ size: Int) -> UnsafeMutablePointer<UInt8> {
        guard let block = zl_block_take(size) else { preconditionFailure("no memory for \(size) bytes") }
        return block.assumingMemoryBound(to: UInt8.self)
    }

    /// First byte.
    package var address: UnsafeMutablePointer<UInt8> { state.pointee.address }

    /// Bytes written.
    package var count: Int { state.pointee.count }

    private var capacity: Int { state.pointee.capacity }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: address, count: count) }

    package var string: String { String(decoding: bytes, as: UTF8.self) }

    /// The bytes as a buffer of their own, and none are left here: a copy where more than one part in `part` of their memory is room behind
    /// them, else that memory itself.
    func release(sparing part: Int) -> Buffer {
        if (capacity - count) * part > capacity {
            let copy = Buffer(byteCount: count)
            copy.address.copyMemory(from: address, byteCount: count)
            removeAll()
            return copy
        }
        let buffer = Buffer(block: address, byteCount: capacity)
        state.pointee = State(address: ByteBuffer.taken(ByteBuffer.leastCapacity), count: 0, capacity: ByteBuffer.leastCapacity)
        return buffer
    }

    /// Where the next byte goes, with room for `extra` of them.
    @inline(__always)
    package func reserve(_ extra: Int) -> UnsafeMutablePointer<UInt8> {
        if state.pointee.count + extra > state.pointee.capacity { grow(extra) }
        return state.pointee.address + state.pointee.count
    }

    private func grow(_ extra: Int) {
        let grown = max(count + extra, state.pointee.capacity * 2)
        let larger = ByteBuffer.taken(grown)
        larger.update(from: address, count: count)
        zl_block_give(address, state.pointee.capacity)
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
