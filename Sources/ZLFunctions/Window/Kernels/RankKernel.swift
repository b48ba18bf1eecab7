import CKernels
import ZLColumnar

/// Percentile ranks over windows of constant width: a block's values are put in order once, and the places of a window's values compared
/// with the current one's, many rows at a time. Wider windows, and values too uneven to be put in order quickly, keep the window itself in
/// order.
///
/// - Complexity: O(width) comparisons a row, sixteen or more at once; above `OrderedBlock.widest` O(log width) and what the order moves.
struct RankKernel: FrameKernel {
    func run(_ frames: SingleFrames<PercentileRank>, _ span: WindowSpan, _ targets: Range<Int>, into output: WindowOutput) {
        // why: the current value has a place where it is one of the window's
        guard span.width <= OrderedBlock.widest, span.preceding >= 0, span.following >= 0, !frames.input.isFiltered else {
            return ordered(frames, span, targets, into: output)
        }
        let block = OrderedBlock(width: span.width)
        let memory = Buffer(byteCount: (block.rowCount + OrderedBlock.overhang) * 2)
        let ranks = memory.values(UInt16.self)
        lazy var full = PercentileRanks(of: span.width)
        var start = targets.lowerBound
        while start < targets.upperBound {
            let rows = start..<min(start + block.rowCount, targets.upperBound)
            start = rows.upperBound
            guard block.fill(frames.input, from: rows.lowerBound - span.preceding, rows.count, sharesPlaces: true) else {
                ordered(frames, span, rows, into: output)
                continue
            }
            zl_rank_counts(block.places, span.width, span.preceding, rows.count, block.hasTies ? 1 : 0, ranks)
            if block.isPlain {
                setFull(ranks, full, span.width >= frames.minimum, rows, output)
                continue
            }
            var number = 0
            for index in 0..<(span.width - 1) { number += block.kinds[index] == 0 ? 0 : 1 }
            for index in 0..<rows.count {
                number += block.kinds[index + span.width - 1] == 0 ? 0 : 1
                set(Int(ranks[index]), number, frames, rows.lowerBound + index, output)
                number -= block.kinds[index] == 0 ? 0 : 1
            }
        }
        withExtendedLifetime(memory) {}
    }

    /// The result from twice the values below the current one plus those equal to it.
    @inline(__always)
    private func set(
        _ doubled: Int, _ count: Int, _ frames: SingleFrames<PercentileRank>, _ row: Int, _ output: WindowOutput
    ) {
        guard count >= max(frames.minimum, 1), frames.input.hasCurrent(row), !frames.input.x[row].isNaN else { return }
        output.values(Double.self)[row] = PercentileRanks.rank(doubled, of: count)
        output.valid[row] = 1
    }

    /// The results of rows whose windows are whole, of numbers alone.
    private func setFull(
        _ doubled: UnsafePointer<UInt16>, _ ranks: PercentileRanks, _ areValid: Bool, _ rows: Range<Int>, _ output: WindowOutput
    ) {
        let values = output.values(Double.self) + rows.lowerBound
        withExtendedLifetime(ranks) {
            for index in 0..<rows.count { values[index] = ranks[doubled[index]] }
        }
        (output.valid + rows.lowerBound).update(repeating: areValid ? 1 : 0, count: rows.count)
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
            set(window.below(value) + window.upTo(value), number, frames, row, output)
        }
    }
}

/// The percentile ranks among a number of values, by twice the values below plus those equal.
private struct PercentileRanks {
    private let memory: Buffer
    private let ranks: UnsafeMutablePointer<Double>

    init(of count: Int) {
        memory = Buffer(byteCount: (2 * count + 1) * 8)
        ranks = memory.values(Double.self)
        for doubled in 0...2 * count { ranks[doubled] = PercentileRanks.rank(doubled, of: count) }
    }

    @inline(__always)
    subscript(doubled: UInt16) -> Double { ranks[Int(doubled)] }

    @inline(__always)
    static func rank(_ doubled: Int, of count: Int) -> Double { (Double(doubled) + 1) / 2 / Double(count) }
}

extension PercentileRank {
    func makeKernel() -> (any FrameKernel<PercentileRank>)? { RankKernel() }
}
