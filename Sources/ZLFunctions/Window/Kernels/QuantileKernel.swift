import CKernels
import ZLColumnar

/// Quantiles over windows of constant width: a block's values are put in order once, and a window is the set of its values' places in
/// that order. Wider windows, and values too uneven to be put in order quickly, keep the window itself in order.
///
/// - Complexity: O(1) a row for windows of up to `OrderedBlock.widest` rows; else O(log width) and what the order moves.
struct QuantileKernel: FrameKernel {
    func run(_ frames: SingleFrames<Quantile>, _ span: WindowSpan, _ targets: Range<Int>, into output: WindowOutput) {
        guard span.width <= OrderedBlock.widest else { return ordered(frames, span, targets, into: output) }
        let block = QuantileBlock(span)
        var start = targets.lowerBound
        while start < targets.upperBound {
            let rows = start..<min(start + block.order.rowCount, targets.upperBound)
            if !block.order.fill(frames.input, from: start - span.preceding, rows.count, sharesPlaces: false) {
                ordered(frames, span, rows, into: output)
            } else if block.order.isPlain {
                writePlain(frames, block, span.width, rows, output)
            } else {
                write(frames, block, span.width, rows, output)
            }
            start = rows.upperBound
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

    /// The results of rows whose windows are whole, of numbers alone.
    private func writePlain(
        _ frames: SingleFrames<Quantile>, _ block: QuantileBlock, _ width: Int, _ rows: Range<Int>, _ output: WindowOutput
    ) {
        let places = Places(width, frames.statistic.fraction)
        block.low.update(repeating: Int32(truncatingIfNeeded: places.low), count: rows.count)
        block.high.update(repeating: Int32(truncatingIfNeeded: places.high), count: rows.count)
        block.select(width, rows.count)
        let values = output.values(Double.self) + rows.lowerBound
        let (lows, highs) = (block.lowValues, block.highValues)
        for index in 0..<rows.count { values[index] = Quantile.between(lows[index], highs[index], places.share) }
        (output.valid + rows.lowerBound).update(repeating: width >= frames.minimum ? 1 : 0, count: rows.count)
    }

    private func write(
        _ frames: SingleFrames<Quantile>, _ block: QuantileBlock, _ width: Int, _ rows: Range<Int>, _ output: WindowOutput
    ) {
        let (kinds, numbers, numerics) = (block.order.kinds, block.numbers, block.numerics)
        var number = 0
        var numeric = 0
        for index in 0..<width {
            number += kinds[index] == 0 ? 0 : 1
            numeric += kinds[index] == 1 ? 1 : 0
        }
        var places = Places(number, frames.statistic.fraction)
        for index in 0..<rows.count {
            if index > 0 {
                let (coming, leaving) = (kinds[index + width - 1], kinds[index - 1])
                let change = (coming == 0 ? 0 : 1) - (leaving == 0 ? 0 : 1)
                numeric += (coming == 1 ? 1 : 0) - (leaving == 1 ? 1 : 0)
                if change != 0 {
                    number += change
                    places = Places(number, frames.statistic.fraction)
                }
            }
            numbers[index] = Int32(truncatingIfNeeded: number)
            numerics[index] = Int32(truncatingIfNeeded: numeric)
            block.low[index] = Int32(truncatingIfNeeded: places.low)
            block.high[index] = Int32(truncatingIfNeeded: places.high)
        }
        block.select(width, rows.count)
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

/// Memory for one block of rows.
private struct QuantileBlock {
    let order: OrderedBlock
    private let memory: Buffer
    let lowValues, highValues: UnsafeMutablePointer<Double>
    /// For each row the places between which the quantile lies, the values that count, and those of them that are numbers.
    let low, high, numbers, numerics: UnsafeMutablePointer<Int32>

    init(_ span: WindowSpan) {
        order = OrderedBlock(width: span.width)
        let count = order.rowCount
        memory = Buffer(byteCount: count * (2 * 8 + 4 * 4))
        lowValues = memory.values(Double.self)
        highValues = lowValues + count
        low = UnsafeMutableRawPointer(highValues + count).assumingMemoryBound(to: Int32.self)
        high = low + count
        numbers = high + count
        numerics = numbers + count
    }

    /// The values at `low` and `high` of the windows of some rows.
    func select(_ width: Int, _ count: Int) {
        zl_sliding_selections(order.places, order.values, width, count, low, high, lowValues, highValues)
    }
}

extension Quantile {
    func makeKernel() -> (any FrameKernel<Quantile>)? { QuantileKernel() }
}
