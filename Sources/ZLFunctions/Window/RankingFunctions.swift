import ZLColumnar

/// Functions of a row's place in its partition. They do not use the frame.
enum RankingFunctions {
    private enum Kind: Sendable {
        case rank, denseRank, percentRank, cumulative
    }

    static let functions: [WindowFunction] = [
        make("row_number", "Number of the row in its partition, from 1.", .bigint, RowNumber()),
        make("rank", "Rank with gaps: 1 + number of rows that sort before.", .bigint, Rank(kind: .rank)),
        make("dense_rank", "Rank without gaps: number of the peer group.", .bigint, Rank(kind: .denseRank)),
        make("percent_rank", "(rank - 1) / (rows - 1); 0 in a partition of one row.", .double, Rank(kind: .percentRank)),
        make("cume_dist", "Share of rows that sort before or with this one.", .double, Rank(kind: .cumulative)),
        WindowFunction(
            FunctionDescription("ntile", .window, "Number of the bucket when the partition is cut into n equal ones.", nullRule: .own, example: "ntile(2) OVER (ORDER BY x) FROM range(4) AS t(x)"),
            frameUse: .partition,
            [
                WindowOverload("ntile(BIGINT) -> BIGINT", resolve: Signatures.fixed([.bigint], .bigint)) { (_, _, _) throws(ZLError) in Tile() }
            ]),
    ]

    private static func make(
        _ name: String, _ summary: String, _ type: DataType, _ evaluator: some WindowEvaluator
    ) -> WindowFunction {
        WindowFunction(
            FunctionDescription(name, .window, summary, nullRule: .own, example: "\(name)() OVER (ORDER BY x) FROM range(3) AS t(x)"),
            frameUse: .partition,
            [
                WindowOverload("\(name)() -> \(type)", resolve: Signatures.fixed([], type)) { (_, _, _) throws(ZLError) in evaluator }
            ])
    }

    private struct Rank: WindowEvaluator {
        let kind: Kind

        func evaluate(_ partition: WindowPartition, into output: WindowOutput) throws(ZLError) {
            let first = partition.rows.lowerBound
            let size = partition.rows.count
            var group: Int64 = 0
            for row in partition.rows {
                let start = Int(partition.peerStart[row])
                if start == row { group += 1 }
                switch kind {
                case .rank: output.set(Int64(start - first + 1), at: row)
                case .denseRank: output.set(group, at: row)
                case .percentRank: output.set(size > 1 ? Double(start - first) / Double(size - 1) : 0, at: row)
                case .cumulative: output.set(Double(Int(partition.peerEnd[row]) - first) / Double(size), at: row)
                }
            }
        }
    }

    private struct Tile: WindowEvaluator {
        func evaluate(_ partition: WindowPartition, into output: WindowOutput) throws(ZLError) {
            let size = Int64(partition.rows.count)
            for row in partition.rows where !partition.arguments[0].isNull(row) {
                let buckets = partition.arguments[0].values(Int64.self)[row]
                guard buckets > 0 else { throw ZLError(.execution, "ntile", "ntile needs a positive number of buckets, found \(buckets)") }
                let small = size / buckets
                let large = size % buckets
                let index = Int64(row - partition.rows.lowerBound)
                let inLarge = large * (small + 1)
                output.set(index < inLarge ? index / (small + 1) + 1 : large + (index - inLarge) / max(small, 1) + 1, at: row)
            }
        }
    }
}

/// ROW_NUMBER. Of its own, so that plans can tell it from others.
package struct RowNumber: WindowEvaluator {
    package func reach(_ use: WindowUse) -> WindowReach? { .row }

    package func evaluate(_ partition: WindowPartition, into output: WindowOutput) throws(ZLError) {
        let numbers = output.values(Int64.self)
        let first = partition.rows.lowerBound - 1
        for row in partition.targets {
            numbers[row] = Int64(row - first)
            output.valid[row] = 1
        }
    }
}
