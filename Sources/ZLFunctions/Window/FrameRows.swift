import ZLColumnar

extension WindowPartition {
    /// The rows of a row's frame before EXCLUDE, as a range within the partition.
    func frameRange(_ row: Int) -> Range<Int> {
        let low: Int
        let high: Int
        switch frame {
        case .rows(let preceding, let following):
            low = preceding.map { max(rows.lowerBound, row - $0) } ?? rows.lowerBound
            high = following.map { min(rows.upperBound, row + $0 + 1) } ?? rows.upperBound
        case .bounds(let start, let end, _):
            low = Int(start[row])
            high = Int(end[row])
        }
        return low < high ? low..<high : rows.lowerBound..<rows.lowerBound
    }

    var exclusion: FrameExclusion {
        if case .bounds(_, _, let exclude) = frame { return exclude }
        return .noOthers
    }

    /// Whether EXCLUDE takes `other` out of the frame of `row`.
    func excludes(_ other: Int, from row: Int) -> Bool {
        switch exclusion {
        case .noOthers: false
        case .currentRow: other == row
        case .group: other >= Int(peerStart[row]) && other < Int(peerEnd[row])
        case .ties: other != row && other >= Int(peerStart[row]) && other < Int(peerEnd[row])
        }
    }
}
