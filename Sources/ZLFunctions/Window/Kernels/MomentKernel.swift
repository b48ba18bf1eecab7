import ZLColumnar

/// A way to compute a statistic for many rows at once over frames of constant width.
protocol FrameKernel<Statistic> {
    associatedtype Statistic: FrameStatistic
    /// Writes the results of `targets`; each depends on its window only, not on where `targets` begins or ends at multiples of the
    /// span's block length.
    func run(_ frames: SingleFrames<Statistic>, _ span: WindowSpan, _ targets: Range<Int>, into output: WindowOutput)
}

/// Statistics that are formulas over window sums, by doubling sums over blocks of rows.
///
/// Each block has an anchor that its differences are taken from, chosen by the block's place in the partition alone, so that results
/// are the same for any way to cut the rows. Rows whose formula lost digits to cancellation, and those that hold NaN or infinity,
/// are computed from their window value by value.
///
/// - Complexity: O(log width) a row, O(width) for rows that need the exact formula.
struct MomentKernel<Statistic: MomentStatistic>: FrameKernel {
    func run(_ frames: SingleFrames<Statistic>, _ span: WindowSpan, _ targets: Range<Int>, into output: WindowOutput) {
        let rows = frames.input.rows
        let block = MomentBlock(span, hasGaps: frames.input.mayHaveGaps, channels: Statistic.channels)
        var start = targets.lowerBound
        while start < targets.upperBound {
            let place = start - rows.lowerBound
            let end = min(targets.upperBound, rows.lowerBound + (place / span.blockLength + 1) * span.blockLength)
            let anchor = Statistic.isAnchored ? Anchors(frames.input, span, blockOf: start) : Anchors()
            block.fill(frames.input, anchor, start..<end)
            write(frames, span, block, anchor, start..<end, output)
            start = end
        }
    }

    private func write(
        _ frames: SingleFrames<Statistic>, _ span: WindowSpan, _ block: MomentBlock, _ anchor: Anchors, _ rows: Range<Int>,
        _ output: WindowOutput
    ) {
        let statistic = frames.statistic
        let values = output.values(Double.self) + rows.lowerBound
        let valid = output.valid + rows.lowerBound
        let least = Double(max(statistic.leastCount, frames.minimum))
        let (x, counts) = (frames.input.x + rows.lowerBound, block.counts)
        let (sx, sxx, sy, syy, sxy) = (block.x, block.xx, block.y, block.yy, block.xy)
        let (unsure, channels) = (block.unsure, Statistic.channels)
        var failures: UInt8 = 0
        for index in 0..<rows.count {
            var moments = WindowMoments()
            moments.count = counts[index]
            if Statistic.usesCurrentRow { moments.current = x[index] - anchor.x }
            if channels.contains(.x) { moments.x = sx[index] }
            if channels.contains(.xx) { moments.xx = sxx[index] }
            if channels.contains(.y) { moments.y = sy[index] }
            if channels.contains(.yy) { moments.yy = syy[index] }
            if channels.contains(.xy) { moments.xy = sxy[index] }
            let (value, isSure) = statistic.value(moments)
            let isThere = counts[index] >= least
            values[index] = value
            valid[index] = isSure && isThere ? 1 : 0
            let fails: UInt8 = !isSure && isThere ? 1 : 0
            unsure[index] = fails
            failures |= fails
        }
        if Statistic.usesCurrentRow, frames.input.currentMayBeNull {
            for row in rows where !frames.input.hasCurrent(row) { output.valid[row] = 0 }
        }
        guard failures != 0 else { return }
        for row in rows where unsure[row - rows.lowerBound] != 0 {
            output.set(frames.value(row, span.window(of: row, in: frames.input.rows)), at: row)
        }
    }
}

/// What a block's differences are taken from: the last finite value that counts, at or before the block's first row and at most one
/// block back; in the partition's first block the first such value; else 0.
struct Anchors {
    private(set) var x = 0.0
    private(set) var y = 0.0

    init() {}

    init(_ input: FrameInput, _ span: WindowSpan, blockOf row: Int) {
        let length = span.blockLength
        let first = input.rows.lowerBound + (row - input.rows.lowerBound) / length * length
        func isFit(_ row: Int) -> Bool { input.counts(row) && input.x[row].isFinite && input.y[row].isFinite }
        var found = (max(input.rows.lowerBound, first - length)...first).last(where: isFit)
        if found == nil, first == input.rows.lowerBound {
            found = (first..<min(first + length, input.rows.upperBound)).first(where: isFit)
        }
        if let found {
            x = input.x[found]
            y = input.y[found]
        }
    }
}

/// Window sums of one block's rows.
struct MomentBlock {
    private let span: WindowSpan
    private let channels: MomentChannels
    private let hasGaps: Bool
    private let memory: Buffer
    private let differencesX, differencesY, weights, source, a, b: UnsafeMutablePointer<Double>
    let counts, x, xx, y, yy, xy: UnsafeMutablePointer<Double>
    let unsure: UnsafeMutablePointer<UInt8>

    init(_ span: WindowSpan, hasGaps: Bool, channels: MomentChannels) {
        self.span = span
        self.channels = channels
        self.hasGaps = hasGaps
        let length = (span.width - 1 + span.blockLength + 7) & ~7
        memory = Buffer(byteCount: (6 * length + 6 * span.blockLength) * 8 + span.blockLength)
        let first = memory.values(Double.self)
        differencesX = first
        differencesY = first + length
        weights = first + 2 * length
        source = first + 3 * length
        a = first + 4 * length
        b = first + 5 * length
        let results = first + 6 * length
        counts = results
        x = results + span.blockLength
        xx = results + 2 * span.blockLength
        y = results + 3 * span.blockLength
        yy = results + 4 * span.blockLength
        xy = results + 5 * span.blockLength
        unsure = UnsafeMutableRawPointer(results + 6 * span.blockLength).assumingMemoryBound(to: UInt8.self)
    }

    /// Computes the sums of the windows of `rows`, which lie in one block.
    func fill(_ input: FrameInput, _ anchors: Anchors, _ rows: Range<Int>) {
        let count = rows.count
        let length = span.width - 1 + count
        let first = rows.lowerBound - span.preceding
        if hasGaps { weigh(input, first, length) }
        subtract(input.x, anchors.x, input.rows, first, length, into: differencesX)
        DoublingSums.run(differencesX, span, count, a, b, into: x)
        if hasGaps {
            DoublingSums.run(weights, span, count, a, b, into: counts)
        } else {
            for row in rows { counts[row - rows.lowerBound] = Double(span.window(of: row, in: input.rows).count) }
        }
        if channels.contains(.xx) { product(differencesX, differencesX, length, count, into: xx) }
        guard channels.contains(.y) else { return }
        subtract(input.y, anchors.y, input.rows, first, length, into: differencesY)
        DoublingSums.run(differencesY, span, count, a, b, into: y)
        if channels.contains(.yy) { product(differencesY, differencesY, length, count, into: yy) }
        if channels.contains(.xy) { product(differencesX, differencesY, length, count, into: xy) }
    }

    private func product(
        _ left: UnsafePointer<Double>, _ right: UnsafePointer<Double>, _ length: Int, _ count: Int,
        into out: UnsafeMutablePointer<Double>
    ) {
        for index in 0..<length { source[index] = left[index] * right[index] }
        DoublingSums.run(source, span, count, a, b, into: out)
    }

    /// 1 for rows that count, 0 for others and for those outside the partition.
    private func weigh(_ input: FrameInput, _ first: Int, _ length: Int) {
        for index in 0..<length {
            let row = first + index
            weights[index] = input.rows.contains(row) && input.counts(row) ? 1 : 0
        }
    }

    /// Differences from the anchor, 0 where a row does not count.
    private func subtract(
        _ values: UnsafePointer<Double>, _ anchor: Double, _ rows: Range<Int>, _ first: Int, _ length: Int,
        into target: UnsafeMutablePointer<Double>
    ) {
        let inside = rows.clamped(to: first..<(first + length))
        let low = inside.lowerBound - first
        let high = low + inside.count
        for index in 0..<low { target[index] = 0 }
        for index in low..<high { target[index] = values[first + index] - anchor }
        for index in high..<length { target[index] = 0 }
        if hasGaps {
            // why: a product with 0 would keep the NaN that may lie under a NULL
            for index in low..<high where weights[index] == 0 { target[index] = 0 }
        }
    }
}
