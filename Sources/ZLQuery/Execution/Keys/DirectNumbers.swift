import ZLColumnar

/// Numbers of whole-number keys of a known range: the distance from the least one, so that no table is asked. NULL has the last number.
///
/// All numbers exist from the beginning; which of them came, and when first, is written down.
///
/// - Complexity: O(1) a row; a byte a number, and twelve for each that came.
final class DirectNumbers: KeyNumbering {
    private let type: DataType
    private let keys: DenseKeys
    private let seen: Buffer
    /// The numbers that came.
    private(set) var firsts = FirstRows()
    /// Where the next row inserted stands among all.
    var position: UInt64 = 0

    init(type: DataType, keys: DenseKeys) {
        self.type = type
        self.keys = keys
        seen = Buffer(byteCount: keys.count + 1)
        seen.zero()
    }

    var count: Int { keys.count + 1 }

    func insert(_ columns: [ColumnVector], count rows: Int, into numbers: UnsafeMutablePointer<UInt32>) throws(ZLError) {
        guard let whole = WholeKeys(columns[0]) else { throw DirectNumbers.unexpected(columns[0].type) }
        firsts.makeRoom(rows)
        keys.find(whole, into: numbers)
        let (seen, null) = (seen.values(UInt8.self), UInt32(truncatingIfNeeded: keys.count))
        let (firstNumbers, firstRows) = (firsts.numbers.values(UInt32.self), firsts.rows.values(UInt64.self))
        let (nulls, position) = (whole.nulls, position)
        var count = firsts.count
        for row in 0..<rows {
            if numbers[row] == ColumnVector.noRow {
                guard nulls.isNull(row) else { throw DirectNumbers.unexpected(columns[0].type) }
                numbers[row] = null
            }
            let number = numbers[row]
            if seen[Int(number)] == 0 {
                seen[Int(number)] = 1
                firstNumbers[count] = number
                firstRows[count] = position &+ UInt64(row)
                count += 1
            }
        }
        firsts.count = count
        self.position = position &+ UInt64(rows)
    }

    private static func unexpected(_ type: DataType) -> ZLError {
        ZLError(.internal, "key_out_of_range", "a key of type \(type) lies outside the range that zone maps tell")
    }

    /// A key for each number, whether it came or not.
    func keyColumns() -> [ColumnVector] {
        let buffer = Buffer(byteCount: count * max(type.physical.stride, 4))
        switch type.physical.stride {
        case 1: fill(buffer.values(UInt8.self))
        case 2: fill(buffer.values(UInt16.self))
        case 4: fill(buffer.values(UInt32.self))
        default: fill(buffer.values(UInt64.self))
        }
        var validity: ValidityBitmap?
        if seen.values(UInt8.self)[keys.count] != 0 {
            let bitmap = ValidityBitmap(count: count, allValid: true)
            bitmap.setNull(keys.count)
            validity = bitmap
        }
        return [ColumnVector(type: type, count: count, buffer: buffer, validity: validity)]
    }

    private func fill<T: FixedWidthInteger>(_ target: UnsafeMutablePointer<T>) {
        for number in 0..<count { target[number] = T(truncatingIfNeeded: keys.least &+ Int64(number)) }
    }

    /// Takes in what came to another table of the same range.
    func add(_ other: DirectNumbers) {
        if other.seen.values(UInt8.self)[keys.count] != 0 { seen.values(UInt8.self)[keys.count] = 1 }
    }
}
