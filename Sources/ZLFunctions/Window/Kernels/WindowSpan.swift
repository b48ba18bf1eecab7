import ZLColumnar

/// A frame of constant width: row i's window is rows i - preceding ... i + following, cut off at the partition's ends.
///
/// A window is put together from pieces whose lengths are powers of two, the shortest at the window's end. Pieces that would lie
/// wholly outside the partition are left out, which changes no sum: a window's value does not depend on the partition's length.
struct WindowSpan {
    let preceding: Int
    let following: Int
    /// Powers of two, ascending; their sum is the width.
    let pieces: [Int]

    /// Rows from the first to the last of a whole window.
    var width: Int { preceding + following + 1 }
    /// Blocks start at multiples of this, counted from the partition's first row.
    let blockLength: Int

    /// Length of the blocks for rows that lost digits; divides `blockLength`.
    let closeBlockLength: Int

    /// Blocks of this many rows and the windows before them stay in the first-level cache.
    static let leastBlock = 1024
    private static let leastCloseBlock = 128
    /// Longer blocks would leave the second-level cache.
    private static let greatestBlock = 1 << 16
    /// Rows behind a window that kernels may load along with it.
    private static let overhang = 32

    /// Nil where every window is empty.
    init?(preceding: Int, following: Int, partitionCount: Int) {
        let reach = max(partitionCount, 1)
        let ahead = min(following, reach)
        let behind = max(preceding, -reach)
        guard behind + ahead >= 0 else { return nil }
        let full = behind + ahead + 1
        // why: a window that ends `ahead` rows behind its row covers that many rows more
        let needed = reach + max(ahead, 0)
        var pieces: [Int] = []
        var covered = 0
        var bit = 1
        while bit <= full, covered < needed {
            if full & bit != 0 {
                let missing = needed - covered
                var piece = bit
                let shorter = max(WindowSpan.powerOfTwo(atLeast: missing), (pieces.last ?? 0) * 2)
                piece = min(piece, max(shorter, 1))
                pieces.append(piece)
                covered += piece
            }
            bit *= 2
        }
        self.pieces = pieces
        self.following = ahead
        self.preceding = covered - ahead - 1
        blockLength = min(max(WindowSpan.leastBlock, WindowSpan.powerOfTwo(atLeast: full)), WindowSpan.greatestBlock)
        closeBlockLength = min(blockLength, max(WindowSpan.leastCloseBlock, WindowSpan.powerOfTwo(atLeast: full) / 2))
    }

    private static func powerOfTwo(atLeast number: Int) -> Int {
        number <= 1 ? 1 : 1 << (Int.bitWidth - (number - 1).leadingZeroBitCount)
    }

    /// The first row behind the block of a row.
    func blockEnd(_ row: Int, _ rows: Range<Int>, _ length: Int) -> Int {
        rows.lowerBound + ((row - rows.lowerBound) / length + 1) * length
    }

    /// The rows of a row's window within a partition; may be empty.
    func window(of row: Int, in rows: Range<Int>) -> Range<Int> {
        let low = max(rows.lowerBound, row - preceding)
        let high = min(rows.upperBound, row + following + 1)
        return low < high ? low..<high : rows.lowerBound..<rows.lowerBound
    }
}

extension WindowSpan {
    /// No partition has as many rows.
    private static let anyCount = 1 << 33

    /// The span in partitions of any length; nil for frames without a constant width.
    init?(_ use: WindowUse, lastRows length: Int?) {
        if let length {
            self.init(preceding: length - 1, following: 0, partitionCount: WindowSpan.anyCount)
        } else {
            guard case .rows(let preceding?, let following?) = use.frame else { return nil }
            self.init(preceding: preceding, following: following, partitionCount: WindowSpan.anyCount)
        }
    }

    /// What the kernels read: the window, a step and a vector beyond it, and the two blocks that an anchor is looked for in.
    var reach: WindowReach {
        WindowReach(before: max(preceding + 1, 2 * blockLength), after: max(following + WindowSpan.overhang, blockLength))
    }
}

extension WindowPartition {
    /// The span of a frame of constant width, or of the last `length` rows; nil for other frames.
    func span(lastRows length: Int?) -> WindowSpan? {
        if let length { return WindowSpan(preceding: length - 1, following: 0, partitionCount: rows.count) }
        guard case .rows(let preceding?, let following?) = frame else { return nil }
        return WindowSpan(preceding: preceding, following: following, partitionCount: rows.count)
    }
}
