import ZLColumnar
import ZLFunctions

/// A bound frame with its offsets computed over the sorted input.
struct FrameSource: Sendable {
    private let builder: FrameBuilder

    init(
        _ frame: BoundFrame, rows: DataChunk, layout: ColumnLayout, orderKeys: [ColumnVector], order: [SortKey], peers: PeerGroups
    ) throws(ZLError) {
        let unit: FrameUnitKind = switch frame.unit {
        case .rows: .rows
        case .range: .range
        case .groups: .groups
        }
        let exclude: ZLFunctions.FrameExclusion = switch frame.exclusion {
        case .noOthers: .noOthers
        case .currentRow: .currentRow
        case .group: .group
        case .ties: .ties
        }
        builder = FrameBuilder(
            unit: unit, start: try FrameSource.edge(frame.start, rows, layout), end: try FrameSource.edge(frame.end, rows, layout),
            exclude: exclude, orderKey: orderKeys.count == 1 ? orderKeys[0] : nil, isDescending: order.first?.isDescending ?? false,
            nullsFirst: order.first?.nullsFirst ?? false, peers: peers, count: rows.rowCount)
    }

    /// - Parameter held: keeps the arrays of the frame alive.
    func frame(of partition: Range<Int>) throws(ZLError) -> (frame: ZLFunctions.WindowFrame, held: [Buffer]) {
        try builder.frame(of: partition)
    }

    private static func edge(_ bound: BoundFrameBound, _ rows: DataChunk, _ layout: ColumnLayout) throws(ZLError) -> FrameEdge {
        switch bound {
        case .unboundedPreceding: .unboundedPreceding
        case .currentRow: .currentRow
        case .unboundedFollowing: .unboundedFollowing
        case .preceding(let offset): .preceding(try PhysicalExpression(offset, layout).evaluate(rows))
        case .following(let offset): .following(try PhysicalExpression(offset, layout).evaluate(rows))
        }
    }
}
