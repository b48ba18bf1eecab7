import ZLColumnar

/// Numbers of integers that lie close together: pages of an array addressed by the integer, made where integers turn up.
///
/// - Complexity: O(1) a row; the pages stay small beside the rows, or `insert` gives up.
final class DenseNumbers {
    private let type: DataType
    /// Page of the directory's first place.
    private var base: Int64 = 0
    private var size = 0
    /// Where each page begins among the places; 0 where there is none.
    private var directory = Buffer(byteCount: 16)
    /// Number + 1; 0 where the integer is new. The first page is nobody's.
    private var places = Buffer(byteCount: 4 * pageSize)
    private var placeCount = pageSize
    /// Integers in order of their numbers.
    private var keys = Buffer(byteCount: 8 * pageSize)
    private(set) var count = 0
    /// Number of the NULL key.
    private var null: Int?
    private var rowsSeen = 0

    private let leastSize: Int

    static let pageBits = 12
    private static let pageSize = 1 << pageBits
    private static let greatestSize = 1 << 26
    private static let greatestDirectory: Int64 = 1 << 16
    private static let placesPerRow = 8

    static func applies(to type: DataType) -> Bool {
        switch type.physical {
        case .int32, .int64, .uint32, .int16, .uint16, .int8, .uint8, .bool: true
        default: false
        }
    }

    /// - Parameter leastSize: the places that there may be however few the rows.
    init(type: DataType, leastSize: Int) {
        self.type = type
        self.leastSize = leastSize
    }

    /// Numbers the rows; false where the integers spread too far, with some of the rows numbered, as they would be by any table.
    func insert(_ column: ColumnVector, count rows: Int, into numbers: UnsafeMutablePointer<UInt32>) -> Bool {
        let flat = column.flattened()
        defer { withExtendedLifetime(flat) {} }
        return switch type.physical {
        case .bool, .uint8: insert(flat, flat.values(UInt8.self), rows, numbers)
        case .int8: insert(flat, flat.values(Int8.self), rows, numbers)
        case .int16: insert(flat, flat.values(Int16.self), rows, numbers)
        case .uint16: insert(flat, flat.values(UInt16.self), rows, numbers)
        case .int32: insert(flat, flat.values(Int32.self), rows, numbers)
        case .uint32: insert(flat, flat.values(UInt32.self), rows, numbers)
        default: insert(flat, flat.values(Int64.self), rows, numbers)
        }
    }

    @inline(__always)
    private func insert<T: FixedWidthInteger>(
        _ column: ColumnVector, _ values: UnsafePointer<T>, _ rows: Int, _ numbers: UnsafeMutablePointer<UInt32>
    ) -> Bool {
        rowsSeen += rows
        guard let pages = cover(column, values, rows) else { return false }
        let nulls = NullMask(column)
        let base = base
        let directory = directory.values(UInt32.self)
        if pages.contains(where: { directory[$0] == 0 }) {
            for row in 0..<rows where !nulls.isNull(row) {
                let page = Int((Int64(truncatingIfNeeded: values[row]) >> Int64(DenseNumbers.pageBits)) &- base)
                if directory[page] == 0, !makePage(page) { return false }
            }
        }
        // why: what the loop changes is held in variables, for the fields are retained at each touch
        var count = count
        if (count + rows + 1) * 8 > keys.byteCount { keys = DenseNumbers.grown(keys, by: (rows + 1) * 8) }
        let (places, keys) = (places.values(UInt32.self), keys.values(Int64.self))
        @inline(__always)
        func number(_ row: Int) {
            let value = Int64(truncatingIfNeeded: values[row])
            let page = Int((value >> Int64(DenseNumbers.pageBits)) &- base)
            let place = places + Int(directory[page]) + Int(value & Int64(DenseNumbers.pageSize - 1))
            if place.pointee == 0 {
                keys[count] = value
                count += 1
                place.pointee = UInt32(truncatingIfNeeded: count)
            }
            numbers[row] = place.pointee &- 1
        }
        if nulls.mayHaveNulls {
            for row in 0..<rows {
                guard nulls.isNull(row) else {
                    number(row)
                    continue
                }
                let known = null ?? count
                if null == nil {
                    null = count
                    keys[count] = 0
                    count += 1
                }
                numbers[row] = UInt32(truncatingIfNeeded: known)
            }
        } else {
            for row in 0..<rows { number(row) }
        }
        self.count = count
        return true
    }

    @inline(never)
    private func makePage(_ page: Int) -> Bool {
        let limit = min(DenseNumbers.greatestSize, max(leastSize, DenseNumbers.placesPerRow * rowsSeen))
        guard placeCount < limit + DenseNumbers.pageSize else { return false }
        if (placeCount + DenseNumbers.pageSize) * 4 > places.byteCount { places = DenseNumbers.grown(places, by: DenseNumbers.pageSize * 4) }
        (places.values(UInt32.self) + placeCount).update(repeating: 0, count: DenseNumbers.pageSize)
        directory.values(UInt32.self)[page] = UInt32(truncatingIfNeeded: placeCount)
        placeCount += DenseNumbers.pageSize
        return true
    }

    private static func grown(_ buffer: Buffer, by bytes: Int) -> Buffer {
        let larger = Buffer(byteCount: buffer.byteCount + max(buffer.byteCount, bytes))
        larger.address.copyMemory(from: buffer.address, byteCount: buffer.byteCount)
        return larger
    }

    /// Makes the directory cover the values that are not NULL.
    ///
    /// - Returns: their pages, from first to last; nil where these spread too far.
    @inline(__always)
    private func cover<T: FixedWidthInteger>(_ column: ColumnVector, _ values: UnsafePointer<T>, _ rows: Int) -> Range<Int>? {
        var (least, greatest) = (T.max, T.min)
        let nulls = NullMask(column)
        if nulls.mayHaveNulls {
            for row in 0..<rows where !nulls.isNull(row) {
                least = min(least, values[row])
                greatest = max(greatest, values[row])
            }
        } else {
            for row in 0..<rows {
                least = min(least, values[row])
                greatest = max(greatest, values[row])
            }
        }
        if least > greatest { return 0..<0 }
        let bits = Int64(DenseNumbers.pageBits)
        let (first, last) = (Int64(truncatingIfNeeded: least) >> bits, Int64(truncatingIfNeeded: greatest) >> bits)
        return cover(pages: first, last) ? Int(first - base)..<Int(last - base) + 1 : nil
    }

    private func cover(pages least: Int64, _ greatest: Int64) -> Bool {
        // why: page numbers have pageBits fewer bits than integers, so that no sum or difference of them overflows
        if size > 0, least >= base, greatest < base + Int64(size) { return true }
        let low = size == 0 ? least : min(least, base)
        let high = size == 0 ? greatest : max(greatest, base + Int64(size) - 1)
        guard high - low < DenseNumbers.greatestDirectory else { return false }
        // why: room to the side where it moved, so that a range that creeps on is not copied for each batch
        let room = Int(high - low + 1) * 2
        let start = size > 0 && least < base ? high + 1 - Int64(room) : low
        let larger = Buffer(byteCount: room * 4)
        larger.zero()
        if size > 0 { (larger.values(UInt32.self) + Int(base - start)).update(from: directory.values(UInt32.self), count: size) }
        directory = larger
        base = start
        size = room
        return true
    }

    func keyColumn() -> ColumnVector {
        let buffer = Buffer(byteCount: max(16, count * type.physical.stride))
        switch type.physical.stride {
        case 1: fill(buffer.values(UInt8.self))
        case 2: fill(buffer.values(UInt16.self))
        case 4: fill(buffer.values(UInt32.self))
        default: fill(buffer.values(UInt64.self))
        }
        var validity: ValidityBitmap?
        if let null {
            let bitmap = ValidityBitmap(count: count, allValid: true)
            bitmap.setNull(null)
            validity = bitmap
        }
        return ColumnVector(type: type, count: count, buffer: buffer, validity: validity)
    }

    private func fill<T: FixedWidthInteger>(_ target: UnsafeMutablePointer<T>) {
        let keys = keys.values(Int64.self)
        for number in 0..<count { target[number] = T(truncatingIfNeeded: keys[number]) }
    }
}
