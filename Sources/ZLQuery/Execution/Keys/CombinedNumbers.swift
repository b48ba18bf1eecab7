import ZLColumnar

/// Numbers of the combinations of several keys of few values each: the keys are numbered one by one, and an array says which number
/// each combination of their numbers has.
///
/// - Complexity: O(columns) a row, without hashing.
final class CombinedNumbers {
    private let parts: [GroupNumbering]
    /// Bits that each key's number takes in a combination.
    private var bits: [UInt32]
    /// The number of each combination, `ColumnVector.noRow` where it has none.
    private var numbers: Buffer
    /// The combination of each number.
    private var combinations = Buffer(byteCount: 4 * 1024)
    private(set) var count = 0
    private let bitLimit: UInt32

    /// - Parameter isShort: few rows are to come, so that a large array would cost more than it saves.
    init(types: [DataType], isShort: Bool) {
        parts = types.map { GroupNumbering(types: [$0], isShort: isShort, isPart: true) }
        bits = types.map { _ in 0 }
        bitLimit = isShort ? 16 : 20
        numbers = Buffer(byteCount: 16)
        numbers.values(UInt32.self)[0] = ColumnVector.noRow
    }

    /// Numbers the rows; false, and no row numbered, where the keys have too many values or no cheap number each.
    func insert(_ columns: [ColumnVector], count rows: Int, into target: UnsafeMutablePointer<UInt32>) -> Bool {
        guard zip(parts, columns).allSatisfy({ $0.isDirect(for: $1) }) else { return false }
        return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: rows * parts.count) { scratch in
            guard let scratch = scratch.baseAddress else { return true }
            for (index, part) in parts.enumerated() {
                part.insert([columns[index]], count: rows, into: scratch + index * rows)
                guard part.isDirect(for: columns[index]) else { return false }
            }
            guard makeRoom() else { return false }
            combine(scratch, rows, into: target)
            number(rows, target)
            return true
        }
    }

    private func combine(_ numbers: UnsafePointer<UInt32>, _ rows: Int, into target: UnsafeMutablePointer<UInt32>) {
        target.update(from: numbers, count: rows)
        for index in 1..<parts.count {
            let (shift, other) = (bits[index], numbers + index * rows)
            for row in 0..<rows { target[row] = target[row] &<< shift | other[row] }
        }
    }

    /// Puts the number in the place of each combination.
    private func number(_ rows: Int, _ target: UnsafeMutablePointer<UInt32>) {
        if (count + rows) * 4 > combinations.byteCount {
            let larger = Buffer(byteCount: max(combinations.byteCount * 2, (count + rows) * 4))
            larger.address.copyMemory(from: combinations.address, byteCount: count * 4)
            combinations = larger
        }
        let (known, combinations) = (numbers.values(UInt32.self), combinations.values(UInt32.self))
        var count = count
        for row in 0..<rows {
            let place = known + Int(target[row])
            if place.pointee == ColumnVector.noRow {
                place.pointee = UInt32(truncatingIfNeeded: count)
                combinations[count] = target[row]
                count += 1
            }
            target[row] = place.pointee
        }
        self.count = count
    }

    /// Gives each key as many bits as its numbers need; false where these are too many.
    private func makeRoom() -> Bool {
        let needed = parts.map { UInt32(Int.bitWidth - max($0.count - 1, 0).leadingZeroBitCount) }
        guard zip(needed, bits).contains(where: { $0 > $1 }) else { return true }
        let total = needed.reduce(0, +)
        guard total <= bitLimit else { return false }
        let old = bits
        let columns = parts.indices.map { part($0, bits: old) }
        bits = zip(needed, old).map { max($0, $1) }
        let larger = Buffer(byteCount: 4 << Int(bits.reduce(0, +)))
        let known = larger.values(UInt32.self)
        known.update(repeating: ColumnVector.noRow, count: 1 << Int(bits.reduce(0, +)))
        let combinations = combinations.values(UInt32.self)
        for number in 0..<count {
            var combination: UInt32 = 0
            for index in parts.indices { combination = combination << bits[index] | columns[index].values(UInt32.self)[number] }
            combinations[number] = combination
            known[Int(combination)] = UInt32(truncatingIfNeeded: number)
        }
        numbers = larger
        return true
    }

    /// Key `index`'s own number in each combination.
    private func part(_ index: Int, bits: [UInt32]) -> Buffer {
        let shift = bits[(index + 1)...].reduce(0, +)
        let mask = (UInt32(1) << bits[index]) - 1
        let result = Buffer(byteCount: max(16, count * 4))
        let combinations = combinations.values(UInt32.self)
        for number in 0..<count { result.values(UInt32.self)[number] = combinations[number] >> shift & mask }
        return result
    }

    /// The distinct keys, in order of their numbers; texts as codes of a dictionary.
    func keyColumns() -> [ColumnVector] {
        parts.indices.map { index in
            let numbers = part(index, bits: bits)
            let values = parts[index].keyColumns()[0]
            if values.physical == .string, !values.mayHaveNulls, values.count > 0 {
                return ColumnVector(type: values.type, form: .dictionary, count: count, buffer: numbers, dictionary: values)
            }
            return withExtendedLifetime(numbers) { values.gather(numbers.values(UInt32.self), count: count) }
        }
    }
}
