import CKernels

/// A run of integers as bytes: constant, runs, frame of reference, or differences with a frame of reference.
///
/// Arithmetic wraps at 64 bits on both ways, so any bit patterns come back as they were. The layout is in docs/file-format.md.
struct IntegerStream: Sendable {
    enum Kind: UInt8, Sendable { case constant = 0, runs = 1, packed = 2, delta = 3 }

    let kind: Kind
    let count: Int
    /// Bytes of the stream, a multiple of 8.
    let byteCount: Int
    private let buffer: Buffer
    private let offset: Int
    private let runCount: Int

    /// The stream's first byte.
    private var base: UnsafeMutableRawPointer { buffer.address + offset }

    static let headerLength = 16
    static let blockSize = BitPacking.blockSize

    static func blockCount(_ count: Int) -> Int { (count + blockSize - 1) / blockSize }

    /// Bytes before the packed words: header, a base a block, for differences also a step a block, word offsets, widths.
    static func directoryLength(_ kind: Kind, count: Int) -> Int {
        let blocks = blockCount(count)
        return headerLength + blocks * (kind == .delta ? 16 : 8) + (blocks * 4 + 7) / 8 * 8 + (blocks + 7) / 8 * 8
    }

    /// The stream at `offset` of `buffer`, held against the bytes that are there.
    ///
    /// - Returns: nil where they are no stream of `count` integers.
    init?(_ buffer: Buffer, at offset: Int, end: Int, count: Int) {
        guard offset >= 0, end <= buffer.byteCount, end - offset >= IntegerStream.headerLength, offset % 8 == 0 else { return nil }
        let base = buffer.address + offset
        self.buffer = buffer
        self.offset = offset
        self.count = count
        let available = end - offset
        guard let kind = Kind(rawValue: base.load(as: UInt8.self)), base.load(fromByteOffset: 4, as: UInt32.self) == UInt32(count) else {
            return nil
        }
        self.kind = kind
        switch kind {
        case .constant:
            runCount = 1
            byteCount = IntegerStream.headerLength
        case .runs:
            runCount = Int(base.load(fromByteOffset: 8, as: UInt32.self))
            byteCount = IntegerStream.headerLength + runCount * 8 + (runCount * 4 + 7) / 8 * 8
            guard runCount <= count, byteCount <= available else { return nil }
            let ends = (base + IntegerStream.headerLength + runCount * 8).assumingMemoryBound(to: UInt32.self)
            var last = 0
            for run in 0..<runCount {
                guard Int(ends[run]) > last else { return nil }
                last = Int(ends[run])
            }
            guard last == count else { return nil }
        case .packed, .delta:
            runCount = 0
            let directory = IntegerStream.directoryLength(kind, count: count)
            guard directory <= available else { return nil }
            let blocks = IntegerStream.blockCount(count)
            let offsets = (base + IntegerStream.headerLength + blocks * (kind == .delta ? 16 : 8)).assumingMemoryBound(to: UInt32.self)
            let widths = UnsafeRawPointer(offsets) + (blocks * 4 + 7) / 8 * 8
            var words = 0
            for block in 0..<blocks {
                let width = Int(widths.load(fromByteOffset: block, as: UInt8.self))
                guard width <= 64, Int(offsets[block]) == words else { return nil }
                words += BitPacking.wordCount(width: width)
            }
            byteCount = directory + words * 4
            guard byteCount <= available else { return nil }
        }
    }

    /// The integers of `range`, cut to `T`.
    func decode<T: FixedWidthInteger>(_ range: Range<Int>, into target: UnsafeMutablePointer<T>) {
        switch kind {
        case .constant:
            target.update(repeating: T(truncatingIfNeeded: constant), count: range.count)
        case .runs:
            eachRun(range) { value, first, count in
                (target + first).update(repeating: T(truncatingIfNeeded: value), count: count)
            }
        case .packed:
            eachBlock(range) { block, rows, place in block.add(rows, into: target + place) }
        case .delta:
            if T.bitWidth == 64 {
                let wide = UnsafeMutableRawPointer(target).assumingMemoryBound(to: Int64.self)
                return eachBlock(range) { block, rows, place in
                    if rows.count == IntegerStream.blockSize {
                        block.accumulate(upTo: rows.upperBound, into: wide + place)
                    } else if block.width == 0 {
                        zl_fill_steps(block.base &+ block.step &* Int64(rows.lowerBound &+ 1), block.step, rows.count, wide + place)
                    } else {
                        block.accumulated(rows) { (wide + place).update(from: $0, count: rows.count) }
                    }
                }
            }
            eachBlock(range) { block, rows, place in
                block.accumulated(rows) { sums in
                    let first = target + place
                    for index in 0..<rows.count { first[index] = T(truncatingIfNeeded: sums[index]) }
                }
            }
        }
    }

    /// The integers of `range` as doubles, each divided by `divisor`.
    func decodeScaled(_ range: Range<Int>, divisor: Double, into target: UnsafeMutablePointer<Double>) {
        if kind == .packed {
            eachBlock(range) { block, rows, place in block.scale(rows, divisor: divisor, into: target + place) }
            return
        }
        withUnsafeTemporaryAllocation(of: Int64.self, capacity: range.count) { integers in
            guard let integers = integers.baseAddress else { return }
            decode(range, into: integers)
            for index in 0..<range.count { target[index] = Double(integers[index]) / divisor }
        }
    }

    /// The integers at `rows`, which ascend and count from `start`, cut to `T`.
    ///
    /// - Complexity: O(count), for differences also the rows before them in their blocks
    func pick<T: FixedWidthInteger>(_ rows: UnsafePointer<UInt32>, count: Int, from start: Int, into target: UnsafeMutablePointer<T>) {
        eachPick(rows, count, from: start) { target[$0] = T(truncatingIfNeeded: $1) }
    }

    /// The same as doubles, each divided by `divisor`.
    func pickScaled(
        _ rows: UnsafePointer<UInt32>, count: Int, from start: Int, divisor: Double, into target: UnsafeMutablePointer<Double>
    ) {
        eachPick(rows, count, from: start) { target[$0] = Double($1) / divisor }
    }

    /// Calls `body` with each place in `rows` and the integer of that row.
    @inline(__always)
    private func eachPick(_ rows: UnsafePointer<UInt32>, _ count: Int, from start: Int, _ body: (Int, Int64) -> Void) {
        guard count > 0 else { return }
        switch kind {
        case .constant:
            for place in 0..<count { body(place, constant) }
        case .runs:
            let (values, ends) = runs
            var run = run(holding: start + Int(rows[0]))
            for place in 0..<count {
                while run < runCount - 1, Int(ends[run]) <= start + Int(rows[place]) { run += 1 }
                body(place, values[run])
            }
        case .packed:
            let blocks = directory
            var number = -1
            var block = blocks[0]
            for place in 0..<count {
                let row = start + Int(rows[place])
                if row / IntegerStream.blockSize != number {
                    number = row / IntegerStream.blockSize
                    block = blocks[number]
                }
                body(place, block.base &+ block.offset(of: row % IntegerStream.blockSize))
            }
        case .delta:
            let blocks = directory
            withUnsafeTemporaryAllocation(of: Int64.self, capacity: IntegerStream.blockSize) { scratch in
                guard let sums = scratch.baseAddress else { return }
                var place = 0
                while place < count {
                    let number = (start + Int(rows[place])) / IntegerStream.blockSize
                    // why: negative where the block begins before `start`
                    let first = number * IntegerStream.blockSize - start
                    var end = place + 1
                    while end < count, Int(rows[end]) - first < IntegerStream.blockSize { end += 1 }
                    blocks[number].accumulate(upTo: Int(rows[end - 1]) - first + 1, into: sums)
                    for index in place..<end { body(index, sums[Int(rows[index]) - first]) }
                    place = end
                }
            }
        }
    }

    /// The one integer of a constant stream.
    var constant: Int64 { base.load(fromByteOffset: 8, as: Int64.self) }

    /// Values and ends of the runs.
    private var runs: (values: UnsafePointer<Int64>, ends: UnsafePointer<UInt32>) {
        let values = UnsafePointer((base + IntegerStream.headerLength).assumingMemoryBound(to: Int64.self))
        return (values, UnsafeRawPointer(values + runCount).assumingMemoryBound(to: UInt32.self))
    }

    /// - Complexity: O(log runs)
    private func run(holding row: Int) -> Int {
        let ends = runs.ends
        var low = 0
        var high = runCount
        while low < high {
            let middle = (low + high) / 2
            if Int(ends[middle]) <= row { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Calls `body` with each run's value, its first place in `range` and its length there.
    func eachRun(_ range: Range<Int>, _ body: (Int64, Int, Int) -> Void) {
        let (values, ends) = runs
        var run = run(holding: range.lowerBound)
        var position = range.lowerBound
        while position < range.upperBound, run < runCount {
            let end = min(Int(ends[run]), range.upperBound)
            body(values[run], position - range.lowerBound, end - position)
            position = end
            run += 1
        }
    }

    /// One packed block.
    struct Block {
        let base: Int64
        let step: Int64
        let width: Int
        let words: UnsafePointer<UInt32>

        @inline(__always)
        func add<T: FixedWidthInteger>(_ rows: Range<Int>, into target: UnsafeMutablePointer<T>) {
            if width == 0 {
                target.update(repeating: T(truncatingIfNeeded: base), count: rows.count)
            } else if width <= 32, T.bitWidth == 64 {
                unpacked(rows, into: UnsafeMutableRawPointer(target).assumingMemoryBound(to: Int64.self)) {
                    zl_unpack_int64(words, UInt32(width), base, $0)
                }
            } else if width <= 32, T.bitWidth == 32 {
                unpacked(rows, into: UnsafeMutableRawPointer(target).assumingMemoryBound(to: UInt32.self)) {
                    zl_unpack_uint32(words, UInt32(width), UInt32(truncatingIfNeeded: base), $0)
                }
            } else {
                eachOffset(of: rows) { index, offset in target[index - rows.lowerBound] = T(truncatingIfNeeded: base &+ offset) }
            }
        }

        /// The packed number of a row.
        @inline(__always)
        func offset(of row: Int) -> Int64 {
            if width <= 32 { return Int64(BitPacking.value(row, of: words, width: width)) }
            let high = BitPacking.value(row, of: words + BitPacking.wordCount(width: 32), width: width - 32)
            return Int64(bitPattern: UInt64(BitPacking.value(row, of: words, width: 32)) | UInt64(high) << 32)
        }

        /// The values themselves where the block holds differences: the one before is the base. `sums` has room for a whole block.
        @inline(__always)
        func accumulate(upTo end: Int, into sums: UnsafeMutablePointer<Int64>) {
            if width == 0 { return zl_fill_steps(base &+ step, step, end, sums) }
            if width <= 32 {
                zl_unpack_int64(words, UInt32(width), step, sums)
                return zl_add_up(base, end, sums)
            }
            eachOffset(of: 0..<end) { index, offset in sums[index] = step &+ offset }
            zl_add_up(base, end, sums)
        }

        /// The bounds of the values of `rows`, one or more, where the block holds differences that are all the same; nil elsewhere and where values
        /// wrap.
        func boundsOfSteps(_ rows: Range<Int>) -> ClosedRange<Int64>? {
            func value(_ row: Int) -> Int64? {
                let (way, isLong) = step.multipliedReportingOverflow(by: Int64(row + 1))
                let (value, wraps) = base.addingReportingOverflow(way)
                return isLong || wraps ? nil : value
            }
            guard width == 0, let first = value(rows.lowerBound), let last = value(rows.upperBound - 1) else { return nil }
            return min(first, last)...max(first, last)
        }

        /// Calls `body` with the values of `rows`.
        @inline(__always)
        func accumulated(_ rows: Range<Int>, _ body: (UnsafePointer<Int64>) -> Void) {
            withUnsafeTemporaryAllocation(of: Int64.self, capacity: IntegerStream.blockSize) { sums in
                guard let sums = sums.baseAddress else { return }
                accumulate(upTo: rows.upperBound, into: sums)
                body(sums + rows.lowerBound)
            }
        }

        /// The base, where all values of the block are 32-bit numbers and lie packed.
        @inline(__always)
        var smallBase: Int32? { width < 32 && width > 0 && base < Int64(Int32.max) - (1 << Int64(width)) ? Int32(exactly: base) : nil }

        @inline(__always)
        func scale(_ rows: Range<Int>, divisor: Double, into target: UnsafeMutablePointer<Double>) {
            if let small = smallBase {
                unpacked(rows, into: target) { zl_unpack_scaled(words, UInt32(width), UInt32(bitPattern: small), divisor, $0) }
            } else {
                eachOffset(of: rows) { index, offset in target[index - rows.lowerBound] = Double(base &+ offset) / divisor }
            }
        }

        /// Straight into the target where the whole block is asked for.
        @inline(__always)
        private func unpacked<T: BitwiseCopyable>(
            _ rows: Range<Int>, into target: UnsafeMutablePointer<T>, _ unpack: (UnsafeMutablePointer<T>) -> Void
        ) {
            if rows.count == IntegerStream.blockSize { return unpack(target) }
            withUnsafeTemporaryAllocation(of: T.self, capacity: IntegerStream.blockSize) { block in
                guard let block = block.baseAddress else { return }
                unpack(block)
                target.update(from: block + rows.lowerBound, count: rows.count)
            }
        }

        /// Calls `body` with each row and its packed number, which may have 64 bits.
        @inline(__always)
        func eachOffset(of rows: Range<Int>, _ body: (Int, Int64) -> Void) {
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 2 * IntegerStream.blockSize) { scratch in
                guard let low = scratch.baseAddress else { return }
                let high = low + IntegerStream.blockSize
                BitPacking.unpack(words, width: min(width, 32), into: low)
                if width <= 32 {
                    for index in rows { body(index, Int64(low[index])) }
                } else {
                    BitPacking.unpack(words + BitPacking.wordCount(width: 32), width: width - 32, into: high)
                    for index in rows { body(index, Int64(bitPattern: UInt64(low[index]) | UInt64(high[index]) << 32)) }
                }
            }
        }
    }

    /// Where the parts of the blocks lie.
    private struct Directory {
        let bases: UnsafePointer<Int64>
        /// Of differences.
        let steps: UnsafePointer<Int64>?
        let offsets: UnsafePointer<UInt32>
        let widths: UnsafeRawPointer
        let words: UnsafePointer<UInt32>

        @inline(__always)
        subscript(number: Int) -> Block {
            Block(
                base: bases[number], step: steps.map { $0[number] } ?? 0, width: Int(widths.load(fromByteOffset: number, as: UInt8.self)),
                words: words + Int(offsets[number]))
        }
    }

    @inline(__always)
    private var directory: Directory {
        let blocks = IntegerStream.blockCount(count)
        let bases = UnsafePointer((base + IntegerStream.headerLength).assumingMemoryBound(to: Int64.self))
        let offsets = UnsafeRawPointer(bases + blocks * (kind == .delta ? 2 : 1)).assumingMemoryBound(to: UInt32.self)
        return Directory(
            bases: bases, steps: kind == .delta ? bases + blocks : nil, offsets: offsets,
            widths: UnsafeRawPointer(offsets) + (blocks * 4 + 7) / 8 * 8,
            words: (base + IntegerStream.directoryLength(kind, count: count)).assumingMemoryBound(to: UInt32.self))
    }

    /// Calls `body` with each block that meets `range`; its rows that lie in the range; and where the first of them goes.
    @inline(__always)
    func eachBlock(_ range: Range<Int>, _ body: (Block, Range<Int>, Int) -> Void) {
        guard !range.isEmpty else { return }
        let blocks = directory
        let first = range.lowerBound / IntegerStream.blockSize
        let last = (range.upperBound - 1) / IntegerStream.blockSize
        for number in first...last {
            let start = number * IntegerStream.blockSize
            let from = max(range.lowerBound, start) - start
            let to = min(range.upperBound, start + IntegerStream.blockSize) - start
            body(blocks[number], from..<to, start + from - range.lowerBound)
        }
    }
}
