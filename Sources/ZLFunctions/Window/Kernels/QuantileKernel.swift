import CKernels
import ZLColumnar

/// Quantiles over windows of constant width: the window's values are kept in order, and one pass over them a row takes the oldest
/// out and the newest in. Wider windows find the two places first and move what lies between.
///
/// - Complexity: O(width) a row, four or more values at once; above `widest` O(log width) and what the order moves.
struct QuantileKernel: FrameKernel {
    /// Widest window for a pass over all values.
    static let widest = 512

    func run(_ frames: SingleFrames<Quantile>, _ span: WindowSpan, _ targets: Range<Int>, into output: WindowOutput) {
        if span.width > QuantileKernel.widest {
            ordered(frames, span, targets, into: output)
        } else {
            passed(frames, span, targets, into: output)
        }
    }

    /// The places that a quantile lies between.
    private struct Places {
        let low: Int
        let high: Int
        let share: Double

        init(_ count: Int, _ fraction: Double) {
            let position = Double(max(count - 1, 0)) * fraction
            low = Int(position.rounded(.down))
            high = min(low + 1, max(count - 1, 0))
            share = position - Double(low)
        }
    }

    private func ordered(_ frames: SingleFrames<Quantile>, _ span: WindowSpan, _ targets: Range<Int>, into output: WindowOutput) {
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
            guard number >= max(frames.minimum, 1) else { continue }
            let places = Places(number, frames.statistic.fraction)
            // why: NaN is the greatest value, and stands behind those that the window holds
            let low = places.low < window.count ? window[places.low] : .nan
            let high = places.high < window.count ? window[places.high] : .nan
            output.set(Quantile.between(low, high, places.share), at: row)
        }
    }

    private func passed(_ frames: SingleFrames<Quantile>, _ span: WindowSpan, _ targets: Range<Int>, into output: WindowOutput) {
        let block = QuantileBlock(span)
        var start = targets.lowerBound
        var isFirst = true
        while start < targets.upperBound {
            let count = min(WindowSpan.leastBlock, targets.upperBound - start)
            let isPlain = block.fill(frames.input, start - span.preceding - 1, span.width + count)
            if isFirst { block.order(span.width) }
            isFirst = false
            if isPlain {
                writePlain(frames, block, span.width, start..<(start + count), output)
            } else {
                write(frames, block, span.width, start..<(start + count), output)
            }
            start += count
        }
    }

    /// The results of rows whose windows are whole, of numbers alone.
    private func writePlain(
        _ frames: SingleFrames<Quantile>, _ block: QuantileBlock, _ width: Int, _ rows: Range<Int>, _ output: WindowOutput
    ) {
        let places = Places(width, frames.statistic.fraction)
        block.low.update(repeating: Int32(truncatingIfNeeded: places.low), count: rows.count)
        block.high.update(repeating: Int32(truncatingIfNeeded: places.high), count: rows.count)
        zl_sliding_order(
            block.source, block.ring, block.scratch, width, rows.count, block.low, block.high, block.lowValues, block.highValues)
        let values = output.values(Double.self) + rows.lowerBound
        let (lows, highs) = (block.lowValues, block.highValues)
        for index in 0..<rows.count { values[index] = Quantile.between(lows[index], highs[index], places.share) }
        (output.valid + rows.lowerBound).update(repeating: width >= frames.minimum ? 1 : 0, count: rows.count)
    }

    private func write(
        _ frames: SingleFrames<Quantile>, _ block: QuantileBlock, _ width: Int, _ rows: Range<Int>, _ output: WindowOutput
    ) {
        let (kinds, numbers, numerics) = (block.kinds, block.numbers, block.numerics)
        var number = 0
        var numeric = 0
        for index in 0..<width {
            number += kinds[index] == 0 ? 0 : 1
            numeric += kinds[index] == 1 ? 1 : 0
        }
        var places = Places(number, frames.statistic.fraction)
        for index in 0..<rows.count {
            let change = (kinds[index + width] == 0 ? 0 : 1) - (kinds[index] == 0 ? 0 : 1)
            numeric += (kinds[index + width] == 1 ? 1 : 0) - (kinds[index] == 1 ? 1 : 0)
            if change != 0 {
                number += change
                places = Places(number, frames.statistic.fraction)
            }
            numbers[index] = Int32(truncatingIfNeeded: number)
            numerics[index] = Int32(truncatingIfNeeded: numeric)
            block.low[index] = Int32(truncatingIfNeeded: places.low)
            block.high[index] = Int32(truncatingIfNeeded: places.high)
        }
        zl_sliding_order(
            block.source, block.ring, block.scratch, width, rows.count, block.low, block.high, block.lowValues, block.highValues)
        let least = Int32(truncatingIfNeeded: max(frames.minimum, 1))
        let values = output.values(Double.self) + rows.lowerBound
        let valid = output.valid + rows.lowerBound
        for index in 0..<rows.count where numbers[index] >= least {
            let position = Double(numbers[index] - 1) * frames.statistic.fraction
            let low = block.low[index] < numerics[index] ? block.lowValues[index] : .nan
            let high = block.high[index] < numerics[index] ? block.highValues[index] : .nan
            values[index] = Quantile.between(low, high, position - Double(block.low[index]))
            valid[index] = 1
        }
    }
}

/// Memory for one block of rows and the order of one window.
private struct QuantileBlock {
    private let memory: Buffer
    let source, ring, scratch, lowValues, highValues: UnsafeMutablePointer<Double>
    let low, high, numbers, numerics: UnsafeMutablePointer<Int32>
    /// 0 for rows that do not count, 1 for numbers, 2 for NaN.
    let kinds: UnsafeMutablePointer<UInt8>

    init(_ span: WindowSpan) {
        let block = WindowSpan.leastBlock
        let length = span.width + block
        let order = (span.width + 23) & ~7
        memory = Buffer(byteCount: (length + 2 * order + 2 * block) * 8 + 4 * block * 4 + length)
        source = memory.values(Double.self)
        ring = source + length + 8
        scratch = ring + order
        lowValues = source + length + 2 * order
        highValues = lowValues + block
        low = UnsafeMutableRawPointer(highValues + block).assumingMemoryBound(to: Int32.self)
        high = low + block
        numbers = low + 2 * block
        numerics = low + 3 * block
        kinds = UnsafeMutableRawPointer(low + 4 * block).assumingMemoryBound(to: UInt8.self)
    }

    /// Infinity, which stands behind all numbers, for NaN and rows that do not count. True where there are none, and `kinds` not needed.
    func fill(_ input: FrameInput, _ first: Int, _ size: Int) -> Bool {
        let inside = input.rows.clamped(to: first..<(first + size))
        if inside.count == size, !input.mayHaveGaps {
            source.update(from: input.x + first, count: size)
            var nans = 0
            for index in 0..<size { nans += source[index] == source[index] ? 0 : 1 }
            if nans == 0 { return true }
        }
        let low = inside.lowerBound - first
        for index in 0..<size where index < low || index >= low + inside.count {
            source[index] = .infinity
            kinds[index] = 0
        }
        for row in inside {
            let value = input.x[row]
            let counts = !input.mayHaveGaps || input.counts(row)
            source[row - first] = counts && !value.isNaN ? value : .infinity
            kinds[row - first] = counts ? (value.isNaN ? 2 : 1) : 0
        }
        return false
    }

    /// Puts the first `width` values in order.
    func order(_ width: Int) {
        ring.update(from: source, count: width)
        var values = UnsafeMutableBufferPointer(start: ring, count: width)
        values.sort()
    }
}

extension Quantile {
    func makeKernel() -> (any FrameKernel<Quantile>)? { QuantileKernel() }
}
