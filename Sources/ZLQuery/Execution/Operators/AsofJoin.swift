import CKernels
import ZLColumnar

/// For each left row the nearest right row in time among those with equal keys.
///
/// The right side is held by key in order of time; each left row finds its place from that of the row with its key before it, by a search
/// whose steps double, so that a left side in order of time costs O(1) a row and any other O(log n). Among right rows of equal
/// time the last one in source order counts. A NULL time or key matches nothing.
struct AsofJoin: PhysicalOperator {
    let node: AsofJoinNode
    let left: any PhysicalOperator
    let right: any PhysicalOperator
    let columns: [OutputColumn]
    /// Places of the columns that are read above.
    private let keptLeft: [Int]
    private let keptRight: [Int]

    init(node: AsofJoinNode, left: any PhysicalOperator, right: any PhysicalOperator) {
        self.node = node
        self.left = left
        self.right = right
        let (leftColumns, rightColumns) = (left.columns, right.columns)
        keptLeft = leftColumns.indices.filter { node.outputs?.contains(leftColumns[$0].id) ?? true }
        keptRight = rightColumns.indices.filter { node.outputs?.contains(rightColumns[$0].id) ?? true }
        columns = keptLeft.map { leftColumns[$0] } + keptRight.map { rightColumns[$0] }
    }

    var children: [any PhysicalOperator] { [left, right] }
    var title: String {
        let keys = node.keys.map { "\($0.left) = \($0.right) and " }.joined()
        return "AsofJoin\(node.isLeft ? " LEFT" : "") on \(keys)\(node.leftKey) \(node.comparison.rawValue) \(node.rightKey)"
    }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        let build = try AsofBuild(node: node, right: right, context)
        let leftLayout = left.layout
        let keys = try PhysicalExpression.all(node.keys.map(\.left), leftLayout)
        let time = try PhysicalExpression(node.leftKey, leftLayout)
        var residual: PhysicalExpression?
        if let condition = node.residual {
            residual = try PhysicalExpression(condition, ColumnLayout(left.columns + right.columns))
        }
        let (isLeft, keptLeft, keptRight) = (node.isLeft, keptLeft, keptRight)
        return TransformedSource(child: try left.open(context)) { [residual] batch, emit in
            try context.cancellation.check()
            let count = batch.chunk.rowCount
            var vectors: [ColumnVector] = []
            for key in keys { vectors.append(try key.evaluate(batch.chunk)) }
            let times = try time.evaluate(batch.chunk)
            let matches = Buffer(byteCount: max(16, count * 4))
            let match = matches.values(UInt32.self)
            try build.match(batch, vectors, times, residual, into: match)
            let left = batch.giving(keptLeft)
            let areAllFound = zl_all_found(match, count) != 0
            if isLeft || areAllFound {
                let present = areAllFound ? nil : ValidityBitmap.present(match, count: count)
                let right = keptRight.map { build.columns[$0].gather(match, count: count, present: present) }
                return try emit(left.with(left.chunk.columns + right))
            }
            let partners = Buffer(byteCount: (count + 1) * 4)
            let kept = Selection(capacity: count) { zl_matched_rows(match, count, $0, partners.values(UInt32.self)) }
            if kept.count == 0 { return }
            var joined = left.selecting(kept.rows, count: kept.count)
            joined.chunk.columns += keptRight.map { build.columns[$0].gather(partners.values(UInt32.self), count: kept.count) }
            try emit(joined)
        }
    }
}
