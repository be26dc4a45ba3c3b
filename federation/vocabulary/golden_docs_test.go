// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary_test

import (
	"minga/federation/document"
	"minga/federation/vocabulary"
)

func note() vocabulary.Note {
	return vocabulary.Note{
		ID: post, AttributedTo: coop, URL: "https://fed-sur.example/@telar/7", To: []string{document.Public},
		Cc: []string{coop + "/followers", board, remote}, Audience: board, InReplyTo: "https://masto.example/1",
		Context: "https://masto.example/contexts/1", Replies: post + "/replies", Published: at(0), Updated: at(3),
		Contents: vocabulary.Map{{"es", "<p>Hola <b>mundo</b> & más</p>"}, {"ca", "<p>Hola <b>món</b> & més</p>"}},
		Attachment: []vocabulary.Members{append(vocabulary.Picture("https://fed-sur.example/m/1.jpg", "image/jpeg", "Un mate"),
			vocabulary.Member{"blurhash", "UBL_"}, vocabulary.Member{"width", 1200}, vocabulary.Member{"height", 800},
			vocabulary.Member{"focalPoint", []any{vocabulary.Decimal("0.1"), vocabulary.Decimal("-0.5")}})},
		Tag: []vocabulary.Members{
			vocabulary.Hashtag("coopjobs", "https://fed-sur.example/tags/coopjobs"), vocabulary.Mention("rosa@masto.example", remote),
			vocabulary.ObjectLink("https://red-norte.example/requests/88", "RE: request", "related"),
			{{"id", "https://fed-sur.example/emoji/1"}, {"type", "Emoji"}, {"name", ":mate:"}, {"icon", vocabulary.Picture("https://fed-sur.example/e/1.png", "image/png", "")}},
		},
		Extra: vocabulary.Members{{"interactionPolicy", vocabulary.Members{{"canQuote", vocabulary.Members{{"automaticApproval", []string{document.Public}}}}}}},
	}
}

func articleNote() vocabulary.Note {
	return vocabulary.Note{
		ID: article, Type: "Article", AttributedTo: coop, URL: "https://fed-sur.example/@telar/salarios", To: []string{document.Public},
		Published: at(0), Name: "Salarios", Summary: "Tres modelos.", Contents: vocabulary.Map{{"es", "<h2>Iguales</h2><p>Era simple.</p>"}},
		Source: "## Iguales\n\nEra simple.\n",
		Extra: vocabulary.Members{
			{"inLanguage", "es"},
			{"license", "https://creativecommons.org/licenses/by-sa/4.0/"},
			{"version", "1"},
			{"history", article + "/history"},
			{"contextHistory", article + "/context/history"},
			{"citation", []string{"https://handbook.example/pay"}},
			{"position", 1},
			{"checkedOn", "2026-11-01"},
			{"checkedBy", coop},
			{"contributor", []string{remote}},
			{"preview", vocabulary.Note{AttributedTo: coop, Content: "<p>Tres modelos.</p>", Published: at(0)}.Members()},
		},
	}
}

func siteJob() vocabulary.Note {
	pay := vocabulary.Members{{"type", "MonetaryAmount"}, {"currency", "EUR"}, {"value", vocabulary.Members{
		{"type", "QuantitativeValue"}, {"minValue", vocabulary.Decimal("15.50")}, {"maxValue", vocabulary.Decimal("17")}, {"unitText", "HOUR"},
	}}}
	job := vocabulary.Members{{"type", "JobPosting"}, {"id", coop + "/jobs/3#job"}}.
		Localized("title", vocabulary.Text{"it", "Panettiere"}, vocabulary.Text{"en", "Baker"}).
		Localized("description", vocabulary.Text{"it", "<p>Pane, ogni notte.</p>"}).
		Add("jobLocation", []vocabulary.Members{vocabulary.Place("Il forno", "45.46", "9.19", vocabulary.Address("Via Roma 1", "Milano", "IT-25", "20121", "IT"))}).
		Add("identifier", vocabulary.PropertyValue("telar.coop.example", "3")).
		Add("officeDays", 5).Add("baseSalary", pay).Add("gross", true).Add("openToNew", true).
		Add("repostOf", coop+"/jobs/1").Add("validThrough", at(59)).Add("closed", at(58)).
		Add("memberShare", vocabulary.Members{{"type", "MonetaryAmount"}, {"currency", "EUR"}, {"value", 100}, {"instalments", 10}}).
		Add("hiringSteps", []string{"lettera"}).Add("employmentType", []string{"FULL_TIME"})
	return vocabulary.Note{
		ID: coop + "/jobs/3", AttributedTo: coop, To: []string{document.Public}, Published: at(0),
		Contents: vocabulary.Map{{"it", "<p><strong>Panettiere</strong></p>"}, {"en", "<p><strong>Baker</strong></p>"}},
		Extra:    vocabulary.Members{{"job", job}},
	}
}

func tombstone() vocabulary.Members {
	m, err := vocabulary.Tombstone{ID: post, FormerType: "Note", Deleted: at(5)}.Members()
	if err != nil {
		panic(err)
	}
	return m
}

func edit() vocabulary.Members {
	return vocabulary.Members{
		{"type", "Edit"},
		{"id", coop + "/edits/1"},
		{"attributedTo", coop},
		{"article", "https://red-norte.example/coops/brisa/articles/salaries"},
		{"baseVersion", "3"},
		{"source", vocabulary.Members{{"content", "Text"}, {"mediaType", "text/markdown"}}},
		{"reason", "a typo"},
	}
}

func alliance() vocabulary.Members {
	return vocabulary.Members{
		{"type", "Alliance"},
		{"id", coop + "/alliances/3"},
		{"parties", []string{coop, "https://banc.example/coops/gracia"}},
		{"creditLimit", vocabulary.Quantity("hour", "40")},
		{"terms", "an hour is an hour"},
	}
}

func personActor() vocabulary.ActorDocument {
	return vocabulary.ActorDocument{
		ID: person, Type: "Person", PreferredUsername: "ana", Name: "Ana", URL: "https://fed-sur.example/@ana",
		Inbox: person + "/inbox", Outbox: person + "/outbox", Followers: person + "/followers", Following: person + "/following",
		SharedInbox: "https://fed-sur.example/inbox", Published: at(0), ManuallyApproves: true, MovedTo: remote,
		AlsoKnownAs: []string{remote}, Webfinger: "ana@fed-sur.example",
		Key: vocabulary.Key{
			PEM:       "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n",
			Multikeys: []vocabulary.Multikey{{Multibase: "z6Mknei9DRAwWLFyB6aswcQeYm5zaE7KLw7gLomguRbYofq2"}},
		},
	}
}

func coopActor() vocabulary.ActorDocument {
	a := personActor()
	a.ID, a.Type, a.MovedTo, a.AlsoKnownAs = coop, "Organization", "", nil
	a.Featured, a.FeaturedTags = coop+"/featured", coop+"/tags"
	a.Icon, a.Image = vocabulary.Picture("https://fed-sur.example/m/2.png", "image/png", "logo"), vocabulary.Picture("https://fed-sur.example/m/3.png", "", "")
	a.AttributionDomains = []string{"telar.coop.example"}
	a.Generator = vocabulary.Generator("https://fed-sur.example/actor", "minga", "https://fed-sur.example/about")
	a.Fields = []vocabulary.Members{vocabulary.PropertyValue("Web", `<a href="https://telar.coop.example" rel="me">telar</a>`)}
	a.Extra = vocabulary.Members{
		{"coopType", "http://purl.org/essglobal/standard/organisational-structure/OS60"},
		{"workerCount", 9},
		{"memberCount", 11},
		{"dayRate", vocabulary.Members{{"type", "MonetaryAmount"}, {"currency", "EUR"}, {"minValue", 300}, {"maxValue", 400}}},
		{"leadTime", "P4W"},
		{"contractTypes", []string{"fixed-price"}},
		{"activity", []string{"http://purl.org/essglobal/standard/activities-ica/ICA190"}},
		{"memberOf", []string{"https://fed-sur.example/federation"}},
		{"location", vocabulary.Place("Rosario", "-32.95", "-60.66", vocabulary.Address("", "Rosario", "AR-S", "", "AR"))},
	}
	return a
}
