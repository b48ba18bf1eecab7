import CKernels
import ZLColumnar
import ZLFunctions

/// GROUP BY of one whole-number column of a known range with nothing but counts, sums and means of 64-bit numbers: each thread has an
/// array of slots, one a key, of a count and a 64-bit sum for each summed column. Groups are put in the order of their first rows.
///
/// - Complexity: O(rows + range * threads); one place in memory a row.
struct DirectSums {
    private enum Output { case count, sum(Int, DataType), mean(Int, divisor: Double) }

    private let source: any BatchSource
    private let keyType: DataType
    private let dense: DenseKeys
    /// The summed columns among the inputs.
    private var summed: [Int] = []
    private var outputs: [Output] = []

    private static let mostSums = 3
    /// Rows whose slot is asked for ahead.
    private static let prefetchDistance = 24

    /// - Parameter source: the inputs, with the key in the first column.
    /// - Returns: nil where something else is to be computed.
    init?(_ source: any BatchSource, key: DataType, _ dense: DenseKeys, _ calls: [AggregateInputs.Call]) {
        self.source = source
        self.dense = dense
        keyType = key
        for call in calls {
            guard call.filter == nil, call.order.isEmpty, !call.aggregate.isDistinct, let output = output(of: call) else { return nil }
            outputs.append(output)
        }
        guard !calls.isEmpty, summed.count <= DirectSums.mostSums else { return nil }
    }

    private mutating func output(of call: AggregateInputs.Call) -> Output? {
        let name = call.aggregate.function.description.name
        if name == "count" || name == "count_star" {
            guard call.arguments.isEmpty else { return nil }
            return .count
        }
        guard name == "sum" || name == "avg", call.types.count == 1, call.types[0].physical == .int64 else { return nil }
        let place = summed.firstIndex(of: call.arguments[0]) ?? summed.count
        if place == summed.count { summed.append(call.arguments[0]) }
        return name == "sum" ? .sum(place, call.aggregate.signature.result) : .mean(place, divisor: Cast.unit(of: call.types[0]))
    }

    /// Ends the run: some value is NULL, or too large for 64 bits to be sure to hold a sum.
    private struct Unfit: Error {}

    private final class Part: @unchecked Sendable {  // proof: made and filled by one task, read after all tasks ended
        let slots: Buffer
        var firsts = FirstRows()
        /// No sum is farther from 0.
        var reach: UInt64 = 0

        init(byteCount: Int) {
            slots = Buffer(byteCount: byteCount)
            slots.zero()
        }
    }

    /// nil where values turn up that this cannot sum: then nothing has been done but reading.
    func run(_ context: ExecutionContext) throws -> GroupedResult? {
        let width = summed.count + 1
        let parts = (0..<min(context.threads, source.morselCount, UnorderedAggregation.rowsPerDenseKey)).map { _ in
            Part(byteCount: (dense.count + 1) * width * 8)
        }
        do {
            try SharedMorsels(source).forEach(tasks: parts.count, context) { index, batch, position in
                try add(batch, at: position, to: parts[index])
            }
        } catch is Unfit {
            return nil
        }
        return try result(parts, context)
    }

    private func add(_ batch: Batch, at position: UInt64, to part: Part) throws {
        let rows = batch.chunk.rowCount
        guard rows > 0, let keys = WholeKeys(batch.chunk.columns[0]) else { throw Unfit() }
        let values = summed.map { batch.chunk.columns[$0].flattened() }
        for vector in values {
            guard !vector.mayHaveNulls else { throw Unfit() }
            part.reach = try DirectSums.reach(part.reach, vector.values(Int64.self), rows)
        }
        try withUnsafeTemporaryAllocation(of: UInt32.self, capacity: rows) { buffer in
            guard let numbers = buffer.baseAddress else { return }
            dense.find(keys, into: numbers)
            let null = UInt32(truncatingIfNeeded: dense.count)
            for row in 0..<rows where numbers[row] == ColumnVector.noRow {
                guard keys.nulls.isNull(row) else { throw Unfit() }
                numbers[row] = null
            }
            part.firsts.makeRoom(rows)
            let addresses = values.map { $0.values(Int64.self) }
            switch addresses.count {
            case 0: add(numbers, rows, at: position, to: part, width: 1) { _, _ in }
            case 1:
                let a = addresses[0]
                add(numbers, rows, at: position, to: part, width: 2) { slot, row in slot[1] &+= a[row] }
            case 2:
                let (a, b) = (addresses[0], addresses[1])
                add(numbers, rows, at: position, to: part, width: 3) { slot, row in
                    slot[1] &+= a[row]
                    slot[2] &+= b[row]
                }
            default:
                let (a, b, c) = (addresses[0], addresses[1], addresses[2])
                add(numbers, rows, at: position, to: part, width: 4) { slot, row in
                    slot[1] &+= a[row]
                    slot[2] &+= b[row]
                    slot[3] &+= c[row]
                }
            }
        }
        withExtendedLifetime(values) {}
    }

    /// How far from 0 a sum may be after these values, rounded up.
    private static func reach(_ known: UInt64, _ values: UnsafePointer<Int64>, _ rows: Int) throws -> UInt64 {
        var bits: Int64 = 0
        for row in 0..<rows { bits |= values[row] ^ values[row] >> 63 }
        let greatest = UInt64(bits) &+ 1
        let (added, isLarge) = greatest.multipliedReportingOverflow(by: UInt64(rows))
        let (sum, overflow) = known.addingReportingOverflow(added)
        guard !isLarge, !overflow, sum < 1 << 62 else { throw Unfit() }
        return sum
    }

    @inline(__always)
    private func add(
        _ numbers: UnsafePointer<UInt32>, _ rows: Int, at position: UInt64, to part: Part, width: Int,
        _ sum: (UnsafeMutablePointer<Int64>, Int) -> Void
    ) {
        let slots = part.slots.values(Int64.self)
        let (firstNumbers, firstRows) = (part.firsts.numbers.values(UInt32.self), part.firsts.rows.values(UInt64.self))
        var count = part.firsts.count
        @inline(__always)
        func add(_ row: Int) {
            let slot = slots + Int(numbers[row]) * width
            if slot[0] == 0 {
                firstNumbers[count] = numbers[row]
                firstRows[count] = position &+ UInt64(row)
                count += 1
            }
            slot[0] &+= 1
            sum(slot, row)
        }
        let ahead = max(0, rows - DirectSums.prefetchDistance)
        for row in 0..<ahead {
            zl_prefetch_write(slots + Int(numbers[row + DirectSums.prefetchDistance]) * width)
            add(row)
        }
        for row in ahead..<rows { add(row) }
        part.firsts.count = count
    }

    private func result(_ parts: [Part], _ context: ExecutionContext) throws -> GroupedResult {
        let (order, count) = FirstRows.merged(parts.map(\.firsts), groupCount: dense.count + 1)
        let keys = Buffer(byteCount: max(16, count * 8))
        let columns = outputs.map { output in
            if case .sum = output { Buffer(byteCount: max(16, count * 16)) } else { Buffer(byteCount: max(16, count * 8)) }
        }
        // why: the slots of so many groups stay in the cache from one column to the next
        let rows = 1 << 12
        try WorkerPool.shared.forEach(count: (count + rows - 1) / rows, threads: context.threads) { piece in
            try context.cancellation.check()
            fill(piece * rows..<min(count, (piece + 1) * rows), order.values(UInt32.self), parts, keys.values(Int64.self), columns)
        }
        var validity: ValidityBitmap?
        if let null = (0..<count).first(where: { order.values(UInt32.self)[$0] == UInt32(truncatingIfNeeded: dense.count) }) {
            let bitmap = ValidityBitmap(count: count, allValid: true)
            bitmap.setNull(null)
            validity = bitmap
        }
        let key = ColumnVector(type: keyType, count: count, buffer: DirectSums.narrowed(keys, count, to: keyType), validity: validity)
        let results = zip(outputs, columns).map { output, buffer in
            switch output {
            case .count: ColumnVector(type: .bigint, count: count, buffer: buffer)
            case .sum(_, let type): ColumnVector(type: type, count: count, buffer: buffer)
            case .mean: ColumnVector(type: .double, count: count, buffer: buffer)
            }
        }
        return withExtendedLifetime((order, keys)) { GroupedResult(keys: [key], results: results, count: count) }
    }

    private func fill(
        _ groups: Range<Int>, _ order: UnsafePointer<UInt32>, _ parts: [Part], _ keys: UnsafeMutablePointer<Int64>, _ columns: [Buffer]
    ) {
        let width = summed.count + 1
        for group in groups { keys[group] = dense.least &+ Int64(order[group]) }
        for (output, buffer) in zip(outputs, columns) {
            let tables = parts.map { $0.slots.values(Int64.self) }
            @inline(__always)
            func total(_ group: Int, _ word: Int) -> Int128 {
                var total: Int128 = 0
                for table in tables { total &+= Int128(truncatingIfNeeded: table[Int(order[group]) * width + word]) }
                return total
            }
            switch output {
            case .count: for group in groups { buffer.values(Int64.self)[group] = Int64(truncatingIfNeeded: total(group, 0)) }
            case .sum(let place, _): for group in groups { buffer.values(Int128.self)[group] = total(group, place + 1) }
            case .mean(let place, let divisor):
                for group in groups {
                    buffer.values(Double.self)[group] = Double(total(group, place + 1)) / (Double(Int64(truncatingIfNeeded: total(group, 0))) * divisor)
                }
            }
        }
    }

    private static func narrowed(_ keys: Buffer, _ count: Int, to type: DataType) -> Buffer {
        func copy<T: FixedWidthInteger>(_ element: T.Type) -> Buffer {
            let buffer = Buffer(byteCount: max(16, count * MemoryLayout<T>.stride))
            for row in 0..<count { buffer.values(T.self)[row] = T(truncatingIfNeeded: keys.values(Int64.self)[row]) }
            return buffer
        }
        switch type.physical.stride {
        case 1: return copy(UInt8.self)
        case 2: return copy(UInt16.self)
        case 4: return copy(UInt32.self)
        default: return keys
        }
    }
}
