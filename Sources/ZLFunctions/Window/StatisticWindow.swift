import ZLColumnar

/// A frame statistic over a partition.
///
/// A row counts where all value arguments are not NULL. Frames of constant width go to the statistic's kernel, others are read one
/// at a time.
///
/// - Complexity: the kernel's; O(rows of the frame) a row without one, O(1) where a frame is that of the row before.
struct StatisticWindow<Statistic: FrameStatistic>: FramedForm {
    let statistic: Statistic
    /// The last n rows, for the rolling forms; nil takes the frame that was written.
    let length: Int?
    /// Observations without which the result is NULL.
    let minimum: Int

    var valueCount: Int { Statistic.arity }

    func covers(_ partition: WindowPartition) -> Bool { partition.span(lastRows: length) != nil }

    func reach(_ use: WindowUse) -> WindowReach? { WindowSpan(use, lastRows: length)?.reach }

    func makeWriter(_ partition: WindowPartition, into output: WindowOutput) -> SharedSums.Writer? {
        guard let span = partition.span(lastRows: length), let kernel = statistic.makeKernel() else { return nil }
        return kernel.makeWriter(frames(partition, FrameInput(partition, arity: Statistic.arity), span), span, output).map(SharedSums.Writer.init)
    }

    private func frames(_ partition: WindowPartition, _ input: FrameInput, _ span: WindowSpan?) -> SingleFrames<Statistic> {
        SingleFrames(
            statistic: statistic, input: input, minimum: minimum,
            greatestFrame: min(partition.rows.count, span?.width ?? partition.rows.count))
    }

    func evaluate(_ partition: WindowPartition, into output: WindowOutput) throws(ZLError) {
        let input = FrameInput(partition, arity: Statistic.arity)
        let span = partition.span(lastRows: length)
        let frames = frames(partition, input, span)
        if let span, let kernel = statistic.makeKernel() {
            kernel.run(frames, span, partition.targets, into: output)
        } else {
            evaluateSingly(partition, frames, into: output)
        }
        input.keepAlive()
    }

    private func evaluateSingly(_ partition: WindowPartition, _ frames: SingleFrames<Statistic>, into output: WindowOutput) {
        let hasExclusion = length == nil && partition.exclusion != .noOthers
        var last: (range: Range<Int>, value: Double?)?
        for row in partition.targets {
            let range = length.map { max(partition.rows.lowerBound, row - $0 + 1)..<(row + 1) } ?? partition.frameRange(row)
            if hasExclusion {
                output.set(frames.value(row, range) { partition.excludes($0, from: row) }, at: row)
            } else if !Statistic.usesCurrentRow, let last, last.range == range {
                output.set(last.value, at: row)
            } else {
                let value = frames.value(row, range)
                output.set(value, at: row)
                last = (range, value)
            }
        }
    }
}
