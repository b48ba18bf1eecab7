import ZLColumnar

/// Functions of a row's place in its partition. They do not use the frame.
enum RankingFunctions {
    private enum Kind: String, Sendable {
        case rowNumber = "row_number", rank, denseRank = "dense_rank", percentRank = "percent_rank", cumulative = "cume_dist"
    }

    static let functions: [WindowFunction] = [
        make(.rowNumber, "Number of the row in its partition, from 1.", .bigint),
        make(.rank, "Rank with gaps: 1 + number of rows that sort before.", .bigint),
        make(.denseRank, "Rank without gaps: number of the peer group.", .bigint),
        make(.percentRank, "(rank - 1) / (rows - 1); 0 in a partition of one row.", .double),
        make(.cumulative, "Share of rows that sort before or with this one.", .double),
        WindowFunction(
            FunctionDescription("ntile", .window, "Number of the bucket when the partition is cut into n equal ones.", nullRule: .own, example: "ntile(2) OVER (ORDER BY x) FROM range(4) AS t(x)"),
            frameUse: .partition,
            [
                WindowOverload("ntile(BIGINT) -> BIGINT", resolve: Signatures.fixed([.bigint], .bigint)) { (_, _, _) throws(ZLError) in Tile() }
            ]),
    ]

    private static func make(_ kind: Kind, _ summary: String, _ type: DataType) -> WindowFunction {
        WindowFunction(
            FunctionDescription(kind.rawValue, .window, summary, nullRule: .own, example: "\(kind.rawValue)() OVER (ORDER BY x) FROM range(3) AS t(x)"),
            frameUse: .partition,
            [
                WindowOverload("\(kind.rawValue)() -> \(type)", resolve: Signatures.fixed([], type)) { (_, _, _) throws(ZLError) in Rank(kind: kind) }
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
                case .rowNumber: output.set(Int64(row - first + 1), at: row)
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
