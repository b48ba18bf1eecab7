import ZLColumnar

/// Sends rows down a tree over bins, blocks of rows spread over threads where there are many.
// why @unchecked: blocks read the same tree and bins, and each writes the scores of its own rows.
struct ScoreWork: @unchecked Sendable {
    let nodes: UnsafePointer<BinnedNode>
    let leafValues: UnsafePointer<Double>
    let bins: BinColumns
    /// Distinct row numbers; nil: 0 ..< count.
    let rows: UnsafePointer<Int32>?
    let count: Int
    let scores: UnsafeMutablePointer<Double>

    private static let blockRows = 1 << 14

    func run(threads: Int) {
        let blockCount: Int = (count + Self.blockRows - 1) / Self.blockRows
        guard blockCount > 1, threads > 1 else { return add(0, count) }
        // why: the body throws nothing, so neither does this.
        try? WorkerPool.shared.forEach(count: blockCount, threads: threads) { block in
            add(block * Self.blockRows, min(Self.blockRows, count - block * Self.blockRows))
        }
    }

    private func add(_ begin: Int, _ count: Int) {
        BinnedTree.addScores(
            nodes: nodes, leafValues: leafValues, bins: bins, rows: rows.map { $0 + begin }, firstRow: begin, count: count, to: scores)
    }
}

/// Adds the values of leaves to the scores of their rows, leaves spread over threads where there are many rows.
// why @unchecked: no row is in two leaves.
struct LeafScoreWork: @unchecked Sendable {
    let partition: RowPartition
    let leafValues: UnsafePointer<Double>
    let leafCount: Int
    let scores: UnsafeMutablePointer<Double>

    private static let leastRows = 1 << 16

    func run(threads: Int) {
        let rowCount: Int = (0..<leafCount).reduce(0) { $0 + partition.count($1) }
        guard rowCount >= Self.leastRows, threads > 1 else {
            for leaf in 0..<leafCount { add(leaf) }
            return
        }
        // why: the body throws nothing, so neither does this.
        try? WorkerPool.shared.forEach(count: leafCount, threads: threads) { leaf in add(leaf) }
    }

    private func add(_ leaf: Int) {
        let value: Double = leafValues[leaf]
        for row in partition.rows(of: leaf) { scores[Int(row)] += value }
    }
}
