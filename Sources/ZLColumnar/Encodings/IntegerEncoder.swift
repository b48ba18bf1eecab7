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
        guard let estimate = estimate(count, block: { start, _ in values + start }, changes: { values[$0] != values[$0 - 1] }) else { return }
        let least = min(estimate.packed, estimate.delta)
        if estimate.runs <= least, appendRuns(values, count, longest: least, to: bytes) { return }
        _ = appendBlocks(count, estimate, to: bytes) { start, _ in values + start }
    }

    /// The same of the integers that doubles are when multiplied by a power of ten, which are made block by block; false, with nothing
    /// appended, where some double is not just the quotient of its integer, or where runs may be the smallest form.
    static func append(_ values: UnsafePointer<Double>, count: Int, scale: Double, to bytes: ByteBuffer) -> Bool {
        withUnsafeTemporaryAllocation(of: Int64.self, capacity: IntegerStream.blockSize) { scratch in
            guard let integers = scratch.baseAddress else { return false }
            let block = { (start: Int, length: Int) in
                ScaledDoubles.scaleBlock(values + start, length, scale, into: integers) ? UnsafePointer(integers) : nil
            }
            guard let estimate = estimate(count, block: block, changes: { values[$0] != values[$0 - 1] }),
                estimate.runs > min(estimate.packed, estimate.delta)
            else { return false }
            return appendBlocks(count, estimate, to: bytes, block: block)
        }
    }

    /// - Parameter block: the values of so many rows from one on; nil where there are none.
    /// - Parameter changes: whether a row has another value than the one before.
    @inline(__always)
    private static func estimate(
        _ count: Int, block: (Int, Int) -> UnsafePointer<Int64>?, changes isChange: (Int) -> Bool
    ) -> Estimate? {
        let blocks = IntegerStream.blockCount(count)
        let sampled = min(blocks, sampledBlocks)
        var (packedBits, deltaBits, changes) = (0, 0, 0)
        for sample in 0..<sampled {
            let start = sample * blocks / sampled * IntegerStream.blockSize
            let length = min(IntegerStream.blockSize, count - start)
            guard let values = block(start, length) else { return nil }
            let found = zl_pack_bounds(values, length)
            packedBits += width(found.least, found.greatest) * IntegerStream.blockSize
            deltaBits += stepWidth(found) * IntegerStream.blockSize
            changes += Int(found.changes) + (start > 0 && isChange(start) ? 1 : 0)
        }
        let scale = max(1, sampled)
        return Estimate(
            packed: IntegerStream.directoryLength(.packed, count: count) + packedBits * blocks / scale / 8,
            delta: IntegerStream.directoryLength(.delta, count: count) + deltaBits * blocks / scale / 8,
            runs: IntegerStream.headerLength + (1 + changes * blocks / scale) * runLength)
    }

    /// An estimate is off by less than this part for most columns.
    private static let spareRoom = 32

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
        let most = max(longest / runLength, 1)
        // why: what a block adds at most is found after it
        let room = most + IntegerStream.blockSize
        let (valueBuffer, endBuffer) = (Buffer(byteCount: room * 8), Buffer(byteCount: room * 4))
        let (runs, ends) = (valueBuffer.values(Int64.self), endBuffer.values(UInt32.self))
        var runCount = 0
        var last: Int64 = 0
        for start in stride(from: 0, to: count, by: IntegerStream.blockSize) {
            let end = min(start + IntegerStream.blockSize, count)
            let frame = zl_pack_frame(values + start, end - start)
            if frame.least == frame.greatest, runCount > 0, last == frame.least {
                ends[runCount - 1] = UInt32(end)
                continue
            }
            if start == 0 { last = ~values[0] }
            for row in start..<end {
                let value = values[row]
                runCount &+= value == last ? 0 : 1
                runs[runCount &- 1] = value
                ends[runCount &- 1] = UInt32(truncatingIfNeeded: row &+ 1)
                last = value
            }
            guard runCount <= most else { return false }
        }
        guard runCount > 1 else {
            header(.constant, count, to: bytes) { $0.storeBytes(of: runCount > 0 ? runs[0] : 0, toByteOffset: 8, as: Int64.self) }
            return true
        }
        _ = bytes.reserve(IntegerStream.headerLength + (runCount + 1) * runLength)
        header(.runs, count, to: bytes) { $0.storeBytes(of: UInt32(runCount), toByteOffset: 8, as: UInt32.self) }
        bytes.append(UnsafeRawBufferPointer(start: runs, count: runCount * 8))
        bytes.append(UnsafeRawBufferPointer(start: ends, count: runCount * 4))
        bytes.align(to: 8)
        return withExtendedLifetime((valueBuffer, endBuffer)) { true }
    }

    /// Frame of reference: each block's least value, and what is above it packed; or the same of the steps, with the value that
    /// stands one step before the block's first as its base. False, with nothing appended, where a block has no values.
    @inline(__always)
    private static func appendBlocks(
        _ count: Int, _ estimate: Estimate, to bytes: ByteBuffer, block source: (Int, Int) -> UnsafePointer<Int64>?
    ) -> Bool {
        let streamStart = bytes.count
        let isDelta = estimate.delta < estimate.packed
        let expected = isDelta ? estimate.delta : estimate.packed
        // why: memory that holds little else is kept as it is, `ByteBuffer.release`
        _ = bytes.reserve(expected + expected / spareRoom)
        let kind: IntegerStream.Kind = isDelta ? .delta : .packed
        let blocks = IntegerStream.blockCount(count)
        header(kind, count, to: bytes) { _ in }
        let directoryStart = bytes.count
        let directoryLength = IntegerStream.directoryLength(kind, count: count) - IntegerStream.headerLength
        bytes.append(count: directoryLength) { memset($0, 0, directoryLength) }
        let offsetsStart = directoryStart + blocks * (isDelta ? 16 : 8)
        let widthsStart = offsetsStart + (blocks * 4 + 7) / 8 * 8
        return withUnsafeTemporaryAllocation(of: Int64.self, capacity: IntegerStream.blockSize) { scratch in
            guard let block = scratch.baseAddress else { return false }
            var words = 0
            for number in 0..<blocks {
                let start = number * IntegerStream.blockSize
                let length = min(IntegerStream.blockSize, count - start)
                let (base, frame, width): (Int64, Int64, Int)
                guard let values = source(start, length) else {
                    bytes.truncate(to: streamStart)
                    return false
                }
                var packed = values
                if isDelta {
                    let found = zl_pack_bounds(packed, length)
                    frame = length > 1 ? found.least_step : 0
                    (base, width) = (values[0] &- frame, stepWidth(found))
                    block[0] = frame
                    for index in 1..<max(1, length) { block[index] = values[index] &- values[index - 1] }
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
            return true
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
