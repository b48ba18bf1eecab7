import CKernels
import Glibc

/// Writes integers as an `IntegerStream`, in the form that is smallest as far as a sample of their blocks tells.
enum IntegerEncoder {
    /// What each way to write the values takes, in bytes.
    private struct Estimate {
        var packed = 0
        var delta = 0
        var runs = 0
    }

    /// Blocks that an estimate looks at.
    private static let sampledBlocks = 64

    /// Appends the stream of `count` integers to `bytes`, whose length is a multiple of 8 and stays one.
    ///
    /// - Complexity: O(count)
    static func append(_ values: UnsafePointer<Int64>, count: Int, to bytes: ByteBuffer) {
        let estimate = estimate(values, count)
        let least = min(estimate.packed, estimate.delta)
        if estimate.runs <= least, appendRuns(values, count, longest: least, to: bytes) { return }
        appendBlocks(values, count, isDelta: estimate.delta < estimate.packed, to: bytes)
    }

    private static func estimate(_ values: UnsafePointer<Int64>, _ count: Int) -> Estimate {
        let blocks = IntegerStream.blockCount(count)
        let sampled = min(blocks, sampledBlocks)
        var (packedBits, deltaBits, changes) = (0, 0, 0)
        for sample in 0..<sampled {
            let start = sample * blocks / sampled * IntegerStream.blockSize
            let found = zl_pack_bounds(values + start, min(IntegerStream.blockSize, count - start))
            packedBits += width(found.least, found.greatest) * IntegerStream.blockSize
            deltaBits += stepWidth(found) * IntegerStream.blockSize
            changes += Int(found.changes) + (start > 0 && values[start] != values[start - 1] ? 1 : 0)
        }
        let scale = max(1, sampled)
        return Estimate(
            packed: IntegerStream.directoryLength(.packed, count: count) + packedBits * blocks / scale / 8,
            delta: IntegerStream.directoryLength(.delta, count: count) + deltaBits * blocks / scale / 8,
            runs: IntegerStream.headerLength + (1 + changes * blocks / scale) * runLength)
    }

    /// Bytes of a run: its value and its end.
    private static let runLength = 12

    private static func width(_ least: Int64, _ greatest: Int64) -> Int {
        64 - UInt64(bitPattern: greatest &- least).leadingZeroBitCount
    }

    private static func stepWidth(_ bounds: zl_pack_bounds) -> Int {
        bounds.least_step <= bounds.greatest_step ? width(bounds.least_step, bounds.greatest_step) : 0
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

    /// Writes nothing and says false where the runs turn out to take more than `longest` bytes. One run is a constant.
    private static func appendRuns(_ values: UnsafePointer<Int64>, _ count: Int, longest: Int, to bytes: ByteBuffer) -> Bool {
        var runs: [Int64] = []
        var ends: [UInt32] = []
        let most = longest / runLength
        for start in stride(from: 0, to: count, by: IntegerStream.blockSize) {
            let end = min(start + IntegerStream.blockSize, count)
            let frame = zl_pack_frame(values + start, end - start)
            if frame.least == frame.greatest, runs.last == frame.least {
                ends[ends.count - 1] = UInt32(end)
                continue
            }
            for row in start..<end {
                if runs.last == values[row] {
                    ends[ends.count - 1] = UInt32(row + 1)
                } else {
                    runs.append(values[row])
                    ends.append(UInt32(row + 1))
                }
            }
            guard runs.count <= max(most, 1) else { return false }
        }
        guard runs.count > 1 else {
            header(.constant, count, to: bytes) { $0.storeBytes(of: runs.first ?? 0, toByteOffset: 8, as: Int64.self) }
            return true
        }
        header(.runs, count, to: bytes) { $0.storeBytes(of: UInt32(runs.count), toByteOffset: 8, as: UInt32.self) }
        runs.withUnsafeBytes { bytes.append($0) }
        ends.withUnsafeBytes { bytes.append($0) }
        bytes.align(to: 8)
        return true
    }

    /// Frame of reference: each block's least value, and what is above it packed; or the same of the steps, with the value that
    /// stands one step before the block's first as its base.
    private static func appendBlocks(_ values: UnsafePointer<Int64>, _ count: Int, isDelta: Bool, to bytes: ByteBuffer) {
        let kind: IntegerStream.Kind = isDelta ? .delta : .packed
        let blocks = IntegerStream.blockCount(count)
        header(kind, count, to: bytes) { _ in }
        let directoryStart = bytes.count
        let directoryLength = IntegerStream.directoryLength(kind, count: count) - IntegerStream.headerLength
        bytes.append(count: directoryLength) { memset($0, 0, directoryLength) }
        let offsetsStart = directoryStart + blocks * (isDelta ? 16 : 8)
        let widthsStart = offsetsStart + (blocks * 4 + 7) / 8 * 8
        withUnsafeTemporaryAllocation(of: Int64.self, capacity: IntegerStream.blockSize) { scratch in
            guard let block = scratch.baseAddress else { return }
            var words = 0
            for number in 0..<blocks {
                let start = number * IntegerStream.blockSize
                let length = min(IntegerStream.blockSize, count - start)
                let (base, frame, width): (Int64, Int64, Int)
                var packed = values + start
                if isDelta {
                    let found = zl_pack_bounds(packed, length)
                    frame = length > 1 ? found.least_step : 0
                    (base, width) = (values[start] &- frame, stepWidth(found))
                    block[0] = frame
                    for index in 1..<max(1, length) { block[index] = values[start + index] &- values[start + index - 1] }
                    packed = UnsafePointer(block)
                } else {
                    let found = zl_pack_frame(packed, length)
                    (base, frame, width) = (found.least, found.least, IntegerEncoder.width(found.least, found.greatest))
                }
                let place = UnsafeMutableRawPointer(bytes.address)
                place.storeBytes(of: base, toByteOffset: directoryStart + number * 8, as: Int64.self)
                if isDelta { place.storeBytes(of: frame, toByteOffset: directoryStart + (blocks + number) * 8, as: Int64.self) }
                place.storeBytes(of: UInt32(words), toByteOffset: offsetsStart + number * 4, as: UInt32.self)
                place.storeBytes(of: UInt8(width), toByteOffset: widthsStart + number, as: UInt8.self)
                words += BitPacking.wordCount(width: width)
                guard width > 0 else { continue }
                if length < IntegerStream.blockSize {
                    if !isDelta { block.update(from: packed, count: length) }
                    (block + length).update(repeating: frame, count: IntegerStream.blockSize - length)
                    packed = UnsafePointer(block)
                }
                append(packed, frame: frame, width: width, to: bytes)
            }
        }
    }

    /// Appends the words of a block. Above 32 bits the low halves come first.
    private static func append(_ block: UnsafePointer<Int64>, frame: Int64, width: Int, to bytes: ByteBuffer) {
        bytes.append(count: BitPacking.wordCount(width: width) * 4) { place in
            let words = place.assumingMemoryBound(to: UInt32.self)
            zl_pack_int64(block, UInt32(min(width, 32)), frame, words)
            guard width > 32 else { return }
            withUnsafeTemporaryAllocation(of: Int64.self, capacity: IntegerStream.blockSize) { scratch in
                guard let high = scratch.baseAddress else { return }
                for index in 0..<IntegerStream.blockSize { high[index] = (block[index] &- frame) >> 32 }
                zl_pack_int64(high, UInt32(width - 32), 0, words + BitPacking.wordCount(width: 32))
            }
        }
    }
}
