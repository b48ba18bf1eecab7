import Synchronization

/// Which blocks of a database file hold something that is still needed.
///
/// A block counts the segments and catalogs that lie in it; each of them holds its blocks as long as a snapshot can reach it. A block
/// nobody holds is given out again, so a generation's blocks are written over only when the next one is committed and no
/// statement reads the old one.
final class BlockSpace: Sendable {
    private let holders: Mutex<[UInt32]>

    init() { holders = Mutex([]) }

    /// Blocks up to the last one held.
    var end: Int { holders.withLock { ($0.lastIndex { $0 > 0 } ?? -1) + 1 } }

    /// The first run of `count` free neighbours, at the end of the file where there is none before it.
    func claim(_ count: Int) -> BlockSpan {
        let first = holders.withLock { holders in
            var start = 0
            for block in holders.indices {
                if holders[block] > 0 { start = block + 1 }
                if block + 1 - start == count { break }
            }
            BlockSpace.hold(start..<start + count, &holders)
            return start
        }
        return BlockSpan(self, first..<first + count)
    }

    /// `count` blocks from `first` on; nil where one of them is held.
    func claim(_ count: Int, at first: Int) -> BlockSpan? {
        let isFree = holders.withLock { holders in
            guard (first..<first + count).allSatisfy({ $0 >= holders.count || holders[$0] == 0 }) else { return false }
            BlockSpace.hold(first..<first + count, &holders)
            return true
        }
        return isFree ? BlockSpan(self, first..<first + count) : nil
    }

    /// Another hold on blocks that lie in the file already.
    func share(_ blocks: Range<Int>) -> BlockSpan {
        holders.withLock { BlockSpace.hold(blocks, &$0) }
        return BlockSpan(self, blocks)
    }

    private static func hold(_ blocks: Range<Int>, _ holders: inout [UInt32]) {
        if holders.count < blocks.upperBound {
            holders.append(contentsOf: repeatElement(0, count: blocks.upperBound - holders.count))
        }
        for block in blocks { holders[block] += 1 }
    }

    fileprivate func release(_ blocks: Range<Int>) {
        holders.withLock { for block in blocks { $0[block] -= 1 } }
    }
}

/// Holds blocks of a database file until it is gone.
final class BlockSpan: Sendable {
    let blocks: Range<Int>
    private let space: BlockSpace

    fileprivate init(_ space: BlockSpace, _ blocks: Range<Int>) {
        self.space = space
        self.blocks = blocks
    }

    deinit { space.release(blocks) }
}
