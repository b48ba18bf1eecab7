import ZLColumnar

/// A frame statistic over a partition.
///
/// A row counts where all value arguments are not NULL. Frames without such gaps are read where they lie, others are copied.
///
/// - Complexity: O(rows of the frame) a row.
struct StatisticWindow<Statistic: FrameStatistic>: WindowEvaluator {
    let statistic: Statistic
    /// The last n rows, for the rolling forms; nil takes the frame that was written.
    let length: Int?
    /// Observations without which the result is NULL.
    let minimum: Int

    func evaluate(_ partition: WindowPartition, into output: WindowOutput) throws(ZLError) {
        let first = partition.arguments[0]
        let second = Statistic.arity > 1 ? partition.arguments[1] : first
        let x = first.values(Double.self)
        let y = second.values(Double.self)
        let mayHaveGaps = first.mayHaveNulls || second.mayHaveNulls || partition.filter != nil || partition.exclusion != .noOthers
        let scratch = Buffer(byteCount: max(16, partition.rows.count * 16))
        let copyX = scratch.values(Double.self)
        let copyY = copyX + partition.rows.count
        for row in partition.rows {
            if Statistic.usesCurrentRow, first.isNull(row) { continue }
            let range = length.map { max(partition.rows.lowerBound, row - $0 + 1)..<(row + 1) } ?? partition.frameRange(row)
            if !mayHaveGaps {
                guard range.count >= minimum else { continue }
                output.set(statistic.value(x + range.lowerBound, y + range.lowerBound, range.count, current: x[row]), at: row)
                continue
            }
            var count = 0
            for other in range {
                if first.isNull(other) || second.isNull(other) || partition.filter?[other] == 0 { continue }
                if length == nil, partition.excludes(other, from: row) { continue }
                copyX[count] = x[other]
                copyY[count] = y[other]
                count += 1
            }
            guard count >= minimum else { continue }
            output.set(statistic.value(copyX, copyY, count, current: x[row]), at: row)
        }
        withExtendedLifetime((first, second, scratch)) {}
    }
}
