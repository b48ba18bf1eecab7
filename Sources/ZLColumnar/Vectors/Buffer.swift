import CKernels
import Glibc

/// An owned block of memory, 64-byte aligned and followed by 64 readable bytes, so that SIMD loads need no tail.
///
/// Contents are undefined until written. One owner writes it before it is shared; from then on it is read only.
package final class Buffer: @unchecked Sendable {  // proof: written by its maker before it is published, read only after
    package let address: UnsafeMutableRawPointer
    /// Usable bytes.
    package let byteCount: Int

    private let isBlock: Bool
    private static let padding = 64
    private static let hugePage = 2 << 20
    /// From here on the kernel is asked for huge pages, with which memory is faulted in several times faster.
    private static let hugePageThreshold = hugePage / 8 * 7

    package init(byteCount: Int) {
        precondition(byteCount >= 0)
        let rounded = (byteCount + 63) & ~63
        self.byteCount = byteCount
        // why: pipelines make and drop vectors of one size all the time, which malloc would give back to the system and fault in again
        if rounded <= ZL_BLOCK_LIMIT, let block = zl_block_take(rounded) {
            address = block
            isBlock = true
            return
        }
        isBlock = false
        guard rounded >= Buffer.hugePageThreshold else {
            address = UnsafeMutableRawPointer.allocate(byteCount: rounded + Buffer.padding, alignment: 64)
            return
        }
        // why: only whole huge pages are given, so a rest that nearly fills one is filled up.
        let wanted = rounded + Buffer.padding
        let rest = wanted % Buffer.hugePage
        let size = rest >= Buffer.hugePageThreshold ? wanted - rest + Buffer.hugePage : wanted
        address = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: Buffer.hugePage)
        _ = madvise(address, size, MADV_HUGEPAGE)
    }

    deinit {
        if isBlock { zl_block_give(address, (byteCount + 63) & ~63) } else { address.deallocate() }
    }

    /// The block as values of one type; the caller knows which.
    @inlinable
    package func values<T>(_ type: T.Type) -> UnsafeMutablePointer<T> { address.assumingMemoryBound(to: T.self) }

    package func zero() { memset(address, 0, byteCount) }
}
