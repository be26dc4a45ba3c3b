// SPDX-License-Identifier: AGPL-3.0-or-later

package respond

import "minga/coop"

// phrases are the few words of the API in each language of minga, the same for what
// is hidden and for what never was. Pages have catalogues of their own.
//
//nolint:misspell // the words of other languages are not misspelt English
var phrases = map[string]*phrasing{
	"en": {
		own: true,
		status: map[int]string{
			401: "The access token is invalid",
			403: "This action is not allowed",
			404: "Record not found",
			405: "This address does not take that method",
			409: "It was changed meanwhile, or exists already",
			410: "It was here and has been withdrawn",
			413: "This is too large",
			415: "This kind of content is not taken",
			421: "This server does not answer for that host",
			429: "Too many requests",
			500: "Something went wrong here; nothing was changed",
			503: "Not now: please try again later",
		},
		state: "this step is not possible in this state",
		codes: map[string]string{
			"": "is not right", coop.CodeRequired: "is needed", coop.CodeTooShort: "is too short", coop.CodeTooLong: "is too long",
			coop.CodeTooMany: "has too many entries", coop.CodeRange: "is outside its bounds", coop.CodeOrder: "has its ends the wrong way round",
			coop.CodeUnknown: "is not one of the known values", coop.CodeFormat: "is not written as it should be", coop.CodePast: "has gone by",
			coop.CodeTooLate: "is too far ahead", coop.CodeNotAllowed: "does not go with the rest", coop.CodeHTML: "holds mark-up where plain text belongs",
			coop.CodeCapitals: "is all in capitals", coop.CodeReserved: "is kept for something else", coop.CodeCommon: "is one of the first that anybody tries",
		},
	},
	"es": {
		status: map[int]string{
			401: "El token de acceso no es válido",
			403: "Esta acción no está permitida",
			404: "No se encontró el registro",
			405: "Esta dirección no admite ese método",
			409: "Cambió entretanto, o ya existe",
			410: "Estuvo aquí y fue retirado",
			413: "Es demasiado grande",
			415: "Este tipo de contenido no se admite",
			421: "Este servidor no responde por ese nombre",
			429: "Demasiadas solicitudes",
			500: "Algo salió mal aquí; no se cambió nada",
			503: "Ahora no: inténtalo más tarde",
		},
		state: "este paso no es posible en este estado",
		codes: map[string]string{
			"": "no es correcto", coop.CodeRequired: "hace falta", coop.CodeTooShort: "es demasiado corto", coop.CodeTooLong: "es demasiado largo",
			coop.CodeTooMany: "tiene demasiadas entradas", coop.CodeRange: "está fuera de los límites", coop.CodeOrder: "tiene los extremos al revés",
			coop.CodeUnknown: "no es uno de los valores conocidos", coop.CodeFormat: "no está escrito como corresponde", coop.CodePast: "ya pasó",
			coop.CodeTooLate: "es demasiado lejano", coop.CodeNotAllowed: "no va con lo demás", coop.CodeHTML: "contiene marcas donde va texto simple",
			coop.CodeCapitals: "está todo en mayúsculas", coop.CodeReserved: "está reservado", coop.CodeCommon: "es de lo primero que prueba cualquiera",
		},
	},
	"ca": {
		status: map[int]string{
			401: "El testimoni d’accés no és vàlid",
			403: "Aquesta acció no està permesa",
			404: "No s’ha trobat el registre",
			405: "Aquesta adreça no admet aquest mètode",
			409: "Ha canviat entretant, o ja existeix",
			410: "Era aquí i s’ha retirat",
			413: "És massa gran",
			415: "Aquest tipus de contingut no s’admet",
			421: "Aquest servidor no respon per aquest nom",
			429: "Massa sol·licituds",
			500: "Alguna cosa ha anat malament aquí; no s’ha canviat res",
			503: "Ara no: torna-ho a provar més tard",
		},
		state: "aquest pas no és possible en aquest estat",
		codes: map[string]string{
			"": "no és correcte", coop.CodeRequired: "fa falta", coop.CodeTooShort: "és massa curt", coop.CodeTooLong: "és massa llarg",
			coop.CodeTooMany: "té massa entrades", coop.CodeRange: "és fora dels límits", coop.CodeOrder: "té els extrems al revés",
			coop.CodeUnknown: "no és cap dels valors coneguts", coop.CodeFormat: "no està escrit com cal", coop.CodePast: "ja ha passat",
			coop.CodeTooLate: "és massa lluny", coop.CodeNotAllowed: "no lliga amb la resta", coop.CodeHTML: "conté marques on va text simple",
			coop.CodeCapitals: "és tot en majúscules", coop.CodeReserved: "està reservat", coop.CodeCommon: "és del primer que prova qualsevol",
		},
	},
	"it": {
		status: map[int]string{
			401: "Il token di accesso non è valido",
			403: "Questa azione non è consentita",
			404: "Elemento non trovato",
			405: "Questo indirizzo non accetta quel metodo",
			409: "È cambiato nel frattempo, o esiste già",
			410: "Era qui ed è stato ritirato",
			413: "È troppo grande",
			415: "Questo tipo di contenuto non è accettato",
			421: "Questo server non risponde per quel nome",
			429: "Troppe richieste",
			500: "Qualcosa è andato storto qui; non è cambiato nulla",
			503: "Non adesso: riprova più tardi",
		},
		state: "questo passo non è possibile in questo stato",
		codes: map[string]string{
			"": "non è corretto", coop.CodeRequired: "è necessario", coop.CodeTooShort: "è troppo corto", coop.CodeTooLong: "è troppo lungo",
			coop.CodeTooMany: "ha troppe voci", coop.CodeRange: "è fuori dai limiti", coop.CodeOrder: "ha gli estremi invertiti",
			coop.CodeUnknown: "non è uno dei valori conosciuti", coop.CodeFormat: "non è scritto come dovrebbe", coop.CodePast: "è già passato",
			coop.CodeTooLate: "è troppo lontano", coop.CodeNotAllowed: "non va con il resto", coop.CodeHTML: "contiene marcatori dove va testo semplice",
			coop.CodeCapitals: "è tutto in maiuscolo", coop.CodeReserved: "è riservato", coop.CodeCommon: "è tra i primi che chiunque prova",
		},
	},
	"pt": {
		status: map[int]string{
			401: "O token de acesso não é válido",
			403: "Esta ação não é permitida",
			404: "Registro não encontrado",
			405: "Este endereço não aceita esse método",
			409: "Mudou entretanto, ou já existe",
			410: "Esteve aqui e foi retirado",
			413: "É grande demais",
			415: "Este tipo de conteúdo não é aceito",
			421: "Este servidor não responde por esse nome",
			429: "Solicitações demais",
			500: "Algo deu errado aqui; nada foi alterado",
			503: "Agora não: tente mais tarde",
		},
		state: "este passo não é possível neste estado",
		codes: map[string]string{
			"": "não está correto", coop.CodeRequired: "é necessário", coop.CodeTooShort: "é curto demais", coop.CodeTooLong: "é longo demais",
			coop.CodeTooMany: "tem entradas demais", coop.CodeRange: "está fora dos limites", coop.CodeOrder: "tem os extremos invertidos",
			coop.CodeUnknown: "não é um dos valores conhecidos", coop.CodeFormat: "não está escrito como deve", coop.CodePast: "já passou",
			coop.CodeTooLate: "está longe demais", coop.CodeNotAllowed: "não combina com o resto", coop.CodeHTML: "contém marcas onde vai texto simples",
			coop.CodeCapitals: "está todo em maiúsculas", coop.CodeReserved: "está reservado", coop.CodeCommon: "é dos primeiros que qualquer pessoa tenta",
		},
	},
}
