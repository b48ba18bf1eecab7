import ZLColumnar

/// Numbers of the codes of one dictionary: a key table is asked once for each code.
final class CodeNumbers {
    private let dictionary: ColumnVector
    /// The number of each code, and behind them that of NULL.
    private let numbers: Buffer

    /// - Parameter known: numbers made for earlier rows, gone on with where the dictionary is the same.
    /// - Returns: nil for a column of another form.
    static func of(_ column: ColumnVector, known: CodeNumbers?) -> CodeNumbers? {
        guard column.form == .dictionary, let dictionary = column.dictionary else { return nil }
        if let known, known.dictionary === dictionary { return known }
        return CodeNumbers(dictionary)
    }

    private init(_ dictionary: ColumnVector) {
        self.dictionary = dictionary
        numbers = Buffer(byteCount: (dictionary.count + 1) * 4)
        numbers.values(UInt32.self).update(repeating: ColumnVector.noRow, count: dictionary.count + 1)
    }

    /// - Complexity: O(1) a row, and a row of the table for each code that is new.
    func insert(_ column: ColumnVector, count: Int, into target: UnsafeMutablePointer<UInt32>, _ table: KeyTable) {
        let known = numbers.values(UInt32.self)
        let codes = column.codes
        let nulls = NullMask(column)
        guard nulls.mayHaveNulls else {
            var differences: UInt32 = 0
            for row in 0..<count { differences |= codes[row] ^ codes[0] }
            if differences == 0, count > 0 {
                if known[Int(codes[0])] == ColumnVector.noRow { learn(column, count, table) }
                return target.update(repeating: known[Int(codes[0])], count: count)
            }
            if look(count, target, { known[Int(codes[$0])] }) { return }
            learn(column, count, table)
            _ = look(count, target) { known[Int(codes[$0])] }
            return
        }
        let null = dictionary.count
        if look(count, target, { known[nulls.isNull($0) ? null : Int(codes[$0])] }) { return }
        learn(column, count, table)
        _ = look(count, target) { known[nulls.isNull($0) ? null : Int(codes[$0])] }
    }

    /// Whether all rows have numbers.
    @inline(__always)
    private func look(_ count: Int, _ target: UnsafeMutablePointer<UInt32>, _ number: (Int) -> UInt32) -> Bool {
        var greatest: UInt32 = 0
        for row in 0..<count {
            target[row] = number(row)
            greatest = max(greatest, target[row])
        }
        return greatest != ColumnVector.noRow
    }

    /// Has the table number the codes of these rows that are new, in the order of the rows.
    @inline(never)
    private func learn(_ column: ColumnVector, _ count: Int, _ table: KeyTable) {
        let known = numbers.values(UInt32.self)
        let nulls = NullMask(column)
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 3 * count) { scratch in
            guard let rows = scratch.baseAddress else { return }
            let (places, learned) = (rows + count, rows + 2 * count)
            var found = 0
            for row in 0..<count {
                let place = nulls.isNull(row) ? dictionary.count : Int(column.codes[row])
                guard known[place] == ColumnVector.noRow else { continue }
                // why: any number marks the code as found
                known[place] = 0
                rows[found] = UInt32(truncatingIfNeeded: row)
                places[found] = UInt32(truncatingIfNeeded: place)
                found += 1
            }
            table.insert([column.gather(rows, count: found)], count: found, into: learned)
            for index in 0..<found { known[Int(places[index])] = learned[index] }
        }
    }
}
