import CKernels
import ZLColumnar

/// A way to compute a statistic for many rows at once over frames of constant width.
protocol FrameKernel<Statistic> {
    associatedtype Statistic: FrameStatistic
    /// Writes the results of `targets`; each depends on its window only, not on where `targets` begins or ends at multiples of the
    /// span's block length.
    func run(_ frames: SingleFrames<Statistic>, _ span: WindowSpan, _ targets: Range<Int>, into output: WindowOutput)
    /// What writes the results block by block, for kernels over window sums.
    func makeWriter(_ frames: SingleFrames<Statistic>, _ span: WindowSpan, _ output: WindowOutput) -> (any BlockWriter)?
}

extension FrameKernel {
    func makeWriter(_ frames: SingleFrames<Statistic>, _ span: WindowSpan, _ output: WindowOutput) -> (any BlockWriter)? { nil }
}

/// Statistics that are formulas over window sums, by doubling sums over blocks of rows.
///
/// Each block has an anchor that its differences are taken from, chosen by the block's place in the partition alone, so that results
/// are the same for any way to cut the rows. Rows whose formula lost digits to cancellation are done again in shorter blocks, whose
/// anchors lie closer; those that fail there too, and those that hold NaN or infinity, are computed value by value.
///
/// - Complexity: O(log width) a row, O(width) for rows that need the exact formula.
struct MomentKernel<Statistic: MomentStatistic>: FrameKernel {
    func run(_ frames: SingleFrames<Statistic>, _ span: WindowSpan, _ targets: Range<Int>, into output: WindowOutput) {
        MomentPass.run(MomentWriter(frames: frames, span: span, output: output), targets)
    }

    func makeWriter(_ frames: SingleFrames<Statistic>, _ span: WindowSpan, _ output: WindowOutput) -> (any BlockWriter)? {
        MomentWriter(frames: frames, span: span, output: output)
    }
}

/// One statistic over blocks of rows whose window sums are there.
protocol BlockWriter {
    var span: WindowSpan { get }
    var input: FrameInput { get }
    var channels: MomentChannels { get }
    var isAnchored: Bool { get }
    func write(_ block: MomentBlock, _ anchor: Anchors, _ rows: Range<Int>)
}

/// One pass over blocks of rows for statistics of the same input and span, with sums of the same differences.
enum MomentPass {
    /// Whether statistics of one input may share a pass.
    static func isShared(_ a: any BlockWriter, _ b: any BlockWriter) -> Bool {
        a.isAnchored && b.isAnchored && a.span.preceding == b.span.preceding && a.span.following == b.span.following
    }

    static func run(_ writers: [any BlockWriter], _ targets: Range<Int>) {
        guard let first = writers.first else { return }
        let channels = writers.reduce(into: MomentChannels()) { $0.formUnion($1.channels) }
        run(first.span, first.input, channels, isAnchored: first.isAnchored, targets) { block, anchor, rows in
            for writer in writers { writer.write(block, anchor, rows) }
        }
    }

    /// One statistic alone: no boxes, which count where partitions are short.
    static func run(_ writer: some BlockWriter, _ targets: Range<Int>) {
        run(writer.span, writer.input, writer.channels, isAnchored: writer.isAnchored, targets) { writer.write($0, $1, $2) }
    }

    @inline(__always)
    private static func run(
        _ span: WindowSpan, _ input: FrameInput, _ channels: MomentChannels, isAnchored: Bool, _ targets: Range<Int>,
        _ write: (MomentBlock, Anchors, Range<Int>) -> Void
    ) {
        let block = MomentBlock(span, input, length: min(span.blockLength, targets.count), channels: channels)
        var start = targets.lowerBound
        while start < targets.upperBound {
            let rows = start..<min(targets.upperBound, span.blockEnd(start, input.rows, span.blockLength))
            let anchor = isAnchored ? Anchors(input, blockOf: start, length: span.blockLength) : Anchors()
            block.fill(input, anchor, rows)
            write(block, anchor, rows)
            start = rows.upperBound
        }
    }
}

private struct MomentWriter<Statistic: MomentStatistic>: BlockWriter {
    let frames: SingleFrames<Statistic>
    let span: WindowSpan
    let output: WindowOutput

    var input: FrameInput { frames.input }
    var channels: MomentChannels { Statistic.channels }
    var isAnchored: Bool { Statistic.isAnchored }

    func write(_ block: MomentBlock, _ anchor: Anchors, _ rows: Range<Int>) {
        let isSure = write(frames.statistic, frames.input, frames.minimum, block, anchor, rows)
        if !isSure { refine(block, rows) }
    }

    /// Writes the results of the rows that are sure of theirs, and marks the others; false where there are any.
    private func write(
        _ statistic: Statistic, _ input: FrameInput, _ minimum: Int, _ block: MomentBlock, _ anchor: Anchors, _ rows: Range<Int>
    ) -> Bool {
        var moments = block.moments(0, input.x + rows.lowerBound, anchor)
        let failures = zl_moment_statistic(
            Int32(statistic.formula.rawValue), &moments, Double(statistic.correction), Double(max(statistic.leastCount, minimum)),
            rows.count, output.values(Double.self) + rows.lowerBound, output.valid + rows.lowerBound, block.unsure)
        if Statistic.usesCurrentRow, input.currentMayBeNull {
            for row in rows where !input.hasCurrent(row) {
                output.valid[row] = 0
                block.unsure[row - rows.lowerBound] = 0
            }
        }
        return failures == 0
    }

    /// Does the marked rows again from anchors that lie closer, and those that are still not sure value by value.
    private func refine(_ coarse: MomentBlock, _ rows: Range<Int>) {
        let length = span.closeBlockLength
        let close = MomentBlock(span, frames.input, length: length, channels: Statistic.channels)
        var start = rows.lowerBound
        while start < rows.upperBound {
            let part = start..<min(rows.upperBound, span.blockEnd(start, frames.input.rows, length))
            let marks = coarse.unsure + (start - rows.lowerBound)
            if (0..<part.count).contains(where: { marks[$0] != 0 }) {
                let anchor = Anchors(frames.input, blockOf: start, length: length)
                close.fill(frames.input, anchor, part)
                for index in 0..<part.count where marks[index] != 0 {
                    let row = start + index
                    var moments = close.moments(index, frames.input.x + row, anchor)
                    var (value, isSure, isUnsure): (Double, UInt8, UInt8) = (0, 0, 0)
                    _ = zl_moment_statistic(
                        Int32(frames.statistic.formula.rawValue), &moments, Double(frames.statistic.correction), 0, 1, &value, &isSure,
                        &isUnsure)
                    output.set(
                        isSure == 1 ? value : frames.value(row, span.window(of: row, in: frames.input.rows)), at: row)
                }
            }
            start = part.upperBound
        }
    }
}

/// What a block's differences are taken from: the last finite value that counts, at or before the block's first row and at most one
/// block back; in the partition's first block the first such value; else 0.
struct Anchors {
    private(set) var x = 0.0
    private(set) var y = 0.0

    init() {}

    init(_ input: FrameInput, blockOf row: Int, length: Int) {
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
    private let sums: DoublingSums
    private let differencesX, differencesY, weights, source: UnsafeMutablePointer<Double>
    let counts, x, xx, y, yy, xy: UnsafeMutablePointer<Double>
    let unsure: UnsafeMutablePointer<UInt8>

    /// - Parameter rowCount: rows that the block has at most.
    init(_ span: WindowSpan, _ input: FrameInput, length rowCount: Int, channels: MomentChannels) {
        self.span = span
        self.channels = channels
        hasGaps = input.mayHaveGaps
        let length = (span.width - 1 + rowCount + 7) & ~7
        memory = Buffer(byteCount: (4 * length + 6 * rowCount) * 8 + rowCount)
        sums = DoublingSums(span, greatestCount: rowCount)
        let first = memory.values(Double.self)
        differencesX = first
        differencesY = first + length
        weights = first + 2 * length
        source = first + 3 * length
        let results = first + 4 * length
        counts = results
        x = results + rowCount
        xx = results + 2 * rowCount
        y = results + 3 * rowCount
        yy = results + 4 * rowCount
        xy = results + 5 * rowCount
        unsure = UnsafeMutableRawPointer(results + 6 * rowCount).assumingMemoryBound(to: UInt8.self)
    }

    /// The sums of the block's rows from `index` on.
    func moments(_ index: Int, _ current: UnsafePointer<Double>, _ anchors: Anchors) -> zl_moments {
        zl_moments(
            counts: counts + index, x: x + index, xx: xx + index, y: y + index, yy: yy + index, xy: xy + index, current: current,
            anchor: anchors.x)
    }

    /// Computes the sums of the windows of `rows`, which lie in one block.
    func fill(_ input: FrameInput, _ anchors: Anchors, _ rows: Range<Int>) {
        let count = rows.count
        let length = span.width - 1 + count
        let first = rows.lowerBound - span.preceding
        if hasGaps { weigh(input, first, length) }
        let isInside = first >= input.rows.lowerBound && first + length <= input.rows.upperBound
        if isInside, !hasGaps, channels == .x, anchors.x == 0 {
            sums.run(input.x + first, count, into: x)
        } else {
            subtract(input.x, anchors.x, input.rows, first, length, into: differencesX)
            sums.run(differencesX, count, into: x)
        }
        if hasGaps {
            sums.run(weights, count, into: counts)
        } else {
            counts.update(repeating: Double(span.width), count: count)
            // why: windows are cut off at the partition's ends alone
            let first = min(max(rows.lowerBound, input.rows.lowerBound + span.preceding), rows.upperBound)
            let last = min(max(first, input.rows.upperBound - span.following), rows.upperBound)
            for row in rows.lowerBound..<first { counts[row - rows.lowerBound] = Double(span.window(of: row, in: input.rows).count) }
            for row in last..<rows.upperBound { counts[row - rows.lowerBound] = Double(span.window(of: row, in: input.rows).count) }
        }
        if channels.contains(.xx) { product(differencesX, differencesX, length, count, into: xx) }
        guard channels.contains(.y) else { return }
        subtract(input.y, anchors.y, input.rows, first, length, into: differencesY)
        sums.run(differencesY, count, into: y)
        if channels.contains(.yy) { product(differencesY, differencesY, length, count, into: yy) }
        if channels.contains(.xy) { product(differencesX, differencesY, length, count, into: xy) }
    }

    private func product(
        _ left: UnsafePointer<Double>, _ right: UnsafePointer<Double>, _ length: Int, _ count: Int,
        into out: UnsafeMutablePointer<Double>
    ) {
        zl_products(left, right, length, source)
        sums.run(source, count, into: out)
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
        if low < high { zl_differences(values + first + low, anchor, high - low, target + low) }
        for index in high..<length { target[index] = 0 }
        if hasGaps {
            // why: a product with 0 would keep the NaN that may lie under a NULL
            for index in low..<high where weights[index] == 0 { target[index] = 0 }
        }
    }
}
