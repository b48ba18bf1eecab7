import Glibc

/// Writes integers as the smallest `IntegerStream`.
enum IntegerEncoder {
    /// What one pass over the values tells about each way to write them.
    private struct Analysis {
        var runCount = 0
        var packedBits = 0
        var deltaBits = 0
    }

    /// Appends the stream of `count` integers to `bytes`, whose length is a multiple of 8 and stays one.
    static func append(_ values: UnsafePointer<Int64>, count: Int, to bytes: ByteBuffer) {
        let analysis = analyse(values, count)
        let blocks = IntegerStream.blockCount(count)
        let packed = IntegerStream.directoryLength(.packed, count: count) + analysis.packedBits / 8
        let delta = IntegerStream.directoryLength(.delta, count: count) + analysis.deltaBits / 8
        let runs = IntegerStream.headerLength + analysis.runCount * 12
        if analysis.runCount <= 1 {
            header(.constant, count, to: bytes) { $0.storeBytes(of: count > 0 ? values[0] : 0, toByteOffset: 8, as: Int64.self) }
        } else if runs <= min(packed, delta) {
            appendRuns(values, count, analysis.runCount, to: bytes)
        } else {
            appendBlocks(values, count, blocks, isDelta: delta < packed, to: bytes)
        }
    }

    /// Smallest and largest value of a block and of the steps inside it. The first value's step counts as none.
    @inline(__always)
    private static func bounds(
        _ values: UnsafePointer<Int64>, _ count: Int
    ) -> (least: Int64, width: Int, leastStep: Int64, stepWidth: Int, changes: Int) {
        var least = values[0]
        var greatest = values[0]
        var leastStep = Int64.max
        var greatestStep = Int64.min
        var changes = 0
        for index in 0..<count {
            least = min(least, values[index])
            greatest = max(greatest, values[index])
        }
        for index in 1..<max(1, count) {
            let step = values[index] &- values[index - 1]
            leastStep = min(leastStep, step)
            greatestStep = max(greatestStep, step)
            changes += step == 0 ? 0 : 1
        }
        if count == 1 {
            leastStep = 0
            greatestStep = 0
        }
        return (least, width(least, greatest), leastStep, width(leastStep, greatestStep), changes)
    }

    private static func width(_ least: Int64, _ greatest: Int64) -> Int {
        64 - UInt64(bitPattern: greatest &- least).leadingZeroBitCount
    }

    private static func analyse(_ values: UnsafePointer<Int64>, _ count: Int) -> Analysis {
        var analysis = Analysis()
        for start in stride(from: 0, to: count, by: IntegerStream.blockSize) {
            let length = min(IntegerStream.blockSize, count - start)
            let found = bounds(values + start, length)
            analysis.packedBits += found.width * IntegerStream.blockSize
            analysis.deltaBits += found.stepWidth * IntegerStream.blockSize
            analysis.runCount += found.changes + (start == 0 || values[start] != values[start - 1] ? 1 : 0)
        }
        return analysis
    }

    private static func header(
        _ kind: IntegerStream.Kind, _ count: Int, to bytes: ByteBuffer, _ fill: (UnsafeMutableRawPointer) -> Void
    ) {
        bytes.append(count: IntegerStream.headerLength) { place in
            memset(place, 0, IntegerStream.headerLength)
            place.storeBytes(of: kind.rawValue, as: UInt8.self)
            place.storeBytes(of: UInt32(count), toByteOffset: 4, as: UInt32.self)
            fill(place)
        }
    }

    private static func appendRuns(_ values: UnsafePointer<Int64>, _ count: Int, _ runCount: Int, to bytes: ByteBuffer) {
        header(.runs, count, to: bytes) { $0.storeBytes(of: UInt32(runCount), toByteOffset: 8, as: UInt32.self) }
        let length = runCount * 8 + (runCount * 4 + 7) / 8 * 8
        bytes.append(count: length) { place in
            memset(place, 0, length)
            let runs = place.assumingMemoryBound(to: Int64.self)
            let ends = (place + runCount * 8).assumingMemoryBound(to: UInt32.self)
            var run = 0
            for row in 0..<count where row + 1 == count || values[row] != values[row + 1] {
                runs[run] = values[row]
                ends[run] = UInt32(row + 1)
                run += 1
            }
        }
    }

    /// Frame of reference: each block's least value, and what is above it packed; or the same of the steps, with the value that
    /// stands one step before the block's first as its base.
    private static func appendBlocks(
        _ values: UnsafePointer<Int64>, _ count: Int, _ blocks: Int, isDelta: Bool, to bytes: ByteBuffer
    ) {
        let kind: IntegerStream.Kind = isDelta ? .delta : .packed
        header(kind, count, to: bytes) { _ in }
        let directory = IntegerStream.directoryLength(kind, count: count) - IntegerStream.headerLength
        var frames: [(base: Int64, step: Int64, width: Int)] = []
        frames.reserveCapacity(blocks)
        for start in stride(from: 0, to: count, by: IntegerStream.blockSize) {
            let found = bounds(values + start, min(IntegerStream.blockSize, count - start))
            frames.append(
                isDelta ? (values[start] &- found.leastStep, found.leastStep, found.stepWidth) : (found.least, 0, found.width))
        }
        bytes.append(count: directory) { place in
            memset(place, 0, directory)
            let bases = place.assumingMemoryBound(to: Int64.self)
            let offsets = (place + blocks * (isDelta ? 16 : 8)).assumingMemoryBound(to: UInt32.self)
            let widths = UnsafeMutableRawPointer(offsets) + (blocks * 4 + 7) / 8 * 8
            var words = 0
            for (block, frame) in frames.enumerated() {
                bases[block] = frame.base
                if isDelta { bases[blocks + block] = frame.step }
                offsets[block] = UInt32(words)
                widths.storeBytes(of: UInt8(frame.width), toByteOffset: block, as: UInt8.self)
                words += BitPacking.wordCount(width: frame.width)
            }
        }
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 2 * IntegerStream.blockSize) { scratch in
            guard let low = scratch.baseAddress else { return }
            let high = low + IntegerStream.blockSize
            for (block, frame) in frames.enumerated() {
                let start = block * IntegerStream.blockSize
                let length = min(IntegerStream.blockSize, count - start)
                low.update(repeating: 0, count: 2 * IntegerStream.blockSize)
                for index in 0..<length {
                    let row = start + index
                    let above = isDelta
                        ? (index == 0 ? 0 : values[row] &- values[row - 1] &- frame.step) : values[row] &- frame.base
                    low[index] = UInt32(truncatingIfNeeded: above)
                    high[index] = UInt32(truncatingIfNeeded: above >> 32)
                }
                bytes.append(count: BitPacking.wordCount(width: frame.width) * 4) { place in
                    let words = place.assumingMemoryBound(to: UInt32.self)
                    BitPacking.pack(low, width: min(frame.width, 32), into: words)
                    if frame.width > 32 {
                        BitPacking.pack(high, width: frame.width - 32, into: words + BitPacking.wordCount(width: 32))
                    }
                }
            }
        }
    }
}
