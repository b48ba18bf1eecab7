import CKernels
import ZLColumnar

/// Percentile ranks over windows of constant width: every value of the window is compared with the current one, many rows at a time.
/// Wider windows are kept in order.
///
/// - Complexity: O(width) comparisons a row, four or more at once; above `widest` O(log width) and what the order moves.
struct RankKernel: FrameKernel {
    /// From about here on an ordered window is quicker.
    static let widest = 1024

    func run(_ frames: SingleFrames<PercentileRank>, _ span: WindowSpan, _ targets: Range<Int>, into output: WindowOutput) {
        if span.width > RankKernel.widest {
            ordered(frames, span, targets, into: output)
        } else {
            counted(frames, span, targets, into: output)
        }
    }

    /// The result from twice the values below the current one plus those equal to it.
    @inline(__always)
    private func set(
        _ doubled: Double, _ count: Int, _ frames: SingleFrames<PercentileRank>, _ row: Int, _ output: WindowOutput
    ) {
        guard count >= max(frames.minimum, 1), frames.input.hasCurrent(row), !frames.input.x[row].isNaN else { return }
        output.values(Double.self)[row] = (doubled + 1) / 2 / Double(count)
        output.valid[row] = 1
    }

    /// The results of rows whose windows are whole and without gaps.
    private func setFull(
        _ current: UnsafePointer<Double>, _ doubled: UnsafePointer<Double>, _ count: Int, _ least: Int, _ rows: Range<Int>,
        _ output: WindowOutput
    ) {
        let values = output.values(Double.self) + rows.lowerBound
        let valid = output.valid + rows.lowerBound
        let isEnough: UInt8 = count >= least ? 1 : 0
        for index in 0..<rows.count {
            values[index] = (doubled[index] + 1) / 2 / Double(count)
            valid[index] = current[index] == current[index] ? isEnough : 0
        }
    }

    private func counted(
        _ frames: SingleFrames<PercentileRank>, _ span: WindowSpan, _ targets: Range<Int>, into output: WindowOutput
    ) {
        let block = WindowSpan.leastBlock
        let length = span.width - 1 + block
        let memory = Buffer(byteCount: (length + 2 * block + 64) * 8)
        let source = memory.values(Double.self)
        let current = source + length + 24
        let ranks = current + block + 16
        let sliding = SlidingInput(input: frames.input)
        let input = frames.input
        var start = targets.lowerBound
        while start < targets.upperBound {
            let count = min(block, targets.upperBound - start)
            let first = start - span.preceding
            let size = span.width - 1 + count
            fill(input, first, size + 16, into: source)
            for index in 0..<count { current[index] = input.x[start + index] }
            for index in count..<(count + 16) { current[index] = 0 }
            zl_rank_counts(source, current, span.width, count, ranks)
            let rows = start..<start + count
            start += count
            if !input.mayHaveGaps, first >= input.rows.lowerBound, first + size <= input.rows.upperBound {
                setFull(current, ranks, span.width, max(frames.minimum, 1), rows, output)
                continue
            }
            var number = 0
            for row in (first - 1)..<(first + span.width - 1) { number += sliding.weight(row) }
            for index in 0..<count {
                number += sliding.weight(first + index + span.width - 1) - sliding.weight(first + index - 1)
                set(ranks[index], number, frames, rows.lowerBound + index, output)
            }
        }
        withExtendedLifetime(memory) {}
    }

    /// NaN, which is neither below nor equal to anything, for rows that do not count.
    private func fill(_ input: FrameInput, _ first: Int, _ size: Int, into source: UnsafeMutablePointer<Double>) {
        let inside = input.rows.clamped(to: first..<(first + size))
        let low = inside.lowerBound - first
        for index in 0..<low { source[index] = .nan }
        for index in low..<(low + inside.count) { source[index] = input.x[first + index] }
        for index in (low + inside.count)..<size { source[index] = .nan }
        if input.mayHaveGaps {
            for row in inside where !input.counts(row) { source[row - first] = .nan }
        }
    }

    private func ordered(
        _ frames: SingleFrames<PercentileRank>, _ span: WindowSpan, _ targets: Range<Int>, into output: WindowOutput
    ) {
        let sliding = SlidingInput(input: frames.input)
        var window = OrderedWindow(capacity: min(span.width, frames.input.rows.count))
        var number = 0
        let first = targets.lowerBound - span.preceding - 1
        for row in frames.input.rows.clamped(to: first..<(first + span.width)) {
            window.replace(nil, with: sliding.ordered(row))
            number += sliding.weight(row)
        }
        for row in targets {
            let (leaving, coming) = (row - span.preceding - 1, row + span.following)
            window.replace(sliding.ordered(leaving), with: sliding.ordered(coming))
            number += sliding.weight(coming) - sliding.weight(leaving)
            let value = frames.input.x[row]
            set(Double(window.below(value) + window.upTo(value)), number, frames, row, output)
        }
    }
}

extension PercentileRank {
    func makeKernel() -> (any FrameKernel<PercentileRank>)? { RankKernel() }
}
