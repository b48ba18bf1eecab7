import CKernels
import Glibc

/// An owned block of memory, 64-byte aligned and followed by 64 readable bytes, so that SIMD loads need no tail.
///
/// Contents are undefined until written. One owner writes it before it is shared; from then on it is read only.
package final class Buffer: @unchecked Sendable {  // proof: written by its maker before it is published, read only after
    package let address: UnsafeMutableRawPointer
    /// Usable bytes.
    package let byteCount: Int

    package init(byteCount: Int) {
        precondition(byteCount >= 0)
        self.byteCount = byteCount
        guard let block = zl_block_take(byteCount) else { preconditionFailure("no memory for \(byteCount) bytes") }
        address = block
    }

    /// Takes over a block that `zl_block_take` gave for so many bytes.
    init(block: UnsafeMutableRawPointer, byteCount: Int) {
        address = block
        self.byteCount = byteCount
    }

    deinit { zl_block_give(address, byteCount) }

    /// The block as values of one type; the caller knows which.
    @inlinable @inline(__always)
    package func values<T>(_ type: T.Type) -> UnsafeMutablePointer<T> { address.assumingMemoryBound(to: T.self) }

    package func zero() { memset(address, 0, byteCount) }
}
