import Foundation
import Testing
import ZLColumnar
import ZLFormats

@Suite struct FREDScanTests {
    private func withFiles(_ files: [String: String], _ body: (String) throws -> Void) throws {
        try TestFiles.withFolder { folder in
            for (name, text) in files { try TestFiles.write(text, to: folder + "/" + name) }
            try body(folder)
        }
    }

    @Test func everyLayoutGivesTheSameColumns() throws {
        try withFiles([
            "DGS10.csv": "DATE,DGS10\n2020-01-01,.\n2020-01-02,1.88\n",
            "new.csv": "observation_date,VIXCLS,TEDRATE\n2020-01-02,12.47,\n",
            "sub/DEXBZUS.csv": "date,value\n2020-01-03,4.06\n",
            "sub/t.csv": "date,T10YIE\n2020-01-02,1.5\n",
            "sub/vintage.csv": "series_id,realtime_start,realtime_end,date,value\nGDP,2020-04-29,2020-05-27,2020-01-01,21.5\nGDP,2020-05-28,9999-12-31,2020-01-01,21.4\n",
            "notes.txt": "no series",
        ]) { (folder) throws in
            let scan = try FREDScan(pattern: folder)
            #expect(scan.columns.map { "\($0.name) \($0.type)" } == ["series_id VARCHAR", "observation_date DATE", "value DOUBLE", "realtime_start DATE"])
            #expect(try scan.texts() == [
                ["DEXBZUS", "2020-01-03", "4.06", nil], ["DGS10", "2020-01-01", nil, nil], ["DGS10", "2020-01-02", "1.88", nil],
                ["GDP", "2020-01-01", "21.5", "2020-04-29"], ["GDP", "2020-01-01", "21.4", "2020-05-28"],
                ["T10YIE", "2020-01-02", "1.5", nil], ["TEDRATE", "2020-01-02", nil, nil], ["VIXCLS", "2020-01-02", "12.47", nil],
            ])
            #expect(try FREDScan(pattern: folder + "/D*.csv").texts([0]) == [["DGS10"], ["DGS10"]])
        }
    }

    @Test func filesThatAgreeAreOneAndAValueFillsAGap() throws {
        try withFiles([
            "a/X.csv": "DATE,X\n2020-01-01,.\n2020-01-02,1.5\n2020-01-03,.\n",
            "b/X.csv": "date,value\n2020-01-01,7\n2020-01-02,1.50\n2020-01-03,\n",
        ]) { (folder) throws in
            #expect(try FREDScan(pattern: folder).texts([1, 2]) == [["2020-01-01", "7.0"], ["2020-01-02", "1.5"], ["2020-01-03", nil]])
        }
    }

    @Test func contradictionsAndNonsenseNameFileAndLine() throws {
        try withFiles([
            "a/X.csv": "DATE,X\n2020-01-01,1\n2020-01-02,1.5\n", "b/X.csv": "date,value\n2020-01-02,1.6\n",
            "c/bad.csv": "DATE,Y\n2020-01-01,1\nJanuary,2\n", "d/bad.csv": "DATE,Y\n2020-01-01,x\n", "e/bad.csv": "when,Y\n1,2\n",
        ]) { (folder) throws in
            let contradiction = errorMessage { _ = try FREDScan(pattern: folder + "/[ab]/*.csv") }
            #expect(contradiction?.contains("series X has two values for 2020-01-02: 1.5 in \(folder)/a/X.csv line 3, 1.6 in \(folder)/b/X.csv line 2") == true)
            let date = errorMessage { _ = try FREDScan(pattern: folder + "/c") }
            #expect(date?.contains("c/bad.csv line 3: \"January\" is not a date") == true)
            let value = errorMessage { _ = try FREDScan(pattern: folder + "/d") }
            #expect(value?.contains("d/bad.csv line 2: \"x\" is not a number") == true)
            let header = errorMessage { _ = try FREDScan(pattern: folder + "/e") }
            #expect(header?.contains("is no FRED file") == true)
            let none = errorMessage { _ = try FREDScan(pattern: folder + "/../nothing/*.csv") }
            #expect(none?.contains("no file matches") == true)
        }
    }

    @Test(.enabled(if: TestFiles.hasMarket, "no market data: set ZLSQL_MARKET_DATA"))
    func realSeriesHoldTheirKnownValues() throws {
        let rows = try FREDScan(pattern: TestFiles.market + "/fred").texts()
        let values = Dictionary(uniqueKeysWithValues: rows.map { ("\($0[0]!) \($0[1]!)", $0[2]) })
        #expect(Set(rows.map { $0[0]! }).count == 17)
        #expect(values["VIXCLS 2020-03-16"] == "82.69")
        #expect(values["BAMLH0A0HYM2 2020-03-23"] == "10.87")
        #expect(values["BAMLC0A0CM 2020-03-23"] == "4.01")
        #expect(values["TEDRATE 2008-10-10"] == "4.58")
        #expect(values["DGS10 2020-08-04"] == "0.52")
    }
}
